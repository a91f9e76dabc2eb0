"""Measures what clients cost that make no progress: python3 slow_clients.py BINARY [KIND...]

A thousand connections of one kind against a fresh service on SQLite. Prints by how much its resident memory grows, the
memory the kernel holds for sockets, how long others wait for `status` meanwhile, and when the last connection is cut."""

import http.client, os, signal, socket, subprocess, sys, tempfile, threading, time

CONNECTIONS, PATIENCE = 1_000, 60
SECRET = "a-secret-that-only-benchmarks-use-000"
ASK = "GET {} HTTP/1.1\r\nhost: billing\r\n\r\n".format
DOCUMENT, SIGN_IN = ASK("/openapi.json"), ASK("/sign-in")
CHUNKED = "GET /healthz HTTP/1.1\r\nhost: billing\r\ntransfer-encoding: chunked\r\n\r\n"

# What each sends at once, and what it sends or reads after two seconds and every ten from then on.
KINDS = {
    "4 × `/openapi.json`, reads nothing": (DOCUMENT * 4, None, 0),
    "4 × `/metrics`, reads nothing": (ASK("/metrics") * 4, None, 0),
    "4 × `/docs/enable-billing`, reads nothing": (ASK("/docs/enable-billing") * 4, None, 0),
    "1 small page, reads nothing": (SIGN_IN, None, 0),
    "4,000 × `/healthz`, reads nothing": (ASK("/healthz") * 4_000, None, 0),
    "40 × `/openapi.json`, reads 1 byte in 10 s": (DOCUMENT * 40, None, 1),
    "half a head": ("GET / HTTP/1.1\r\nx: ", "y", 0),
    "half a head, after an answer": (ASK("/healthz"), "G", 0),
    "120 kB of a head": ("GET / HTTP/1.1\r\nx: " + "y" * 120_000, None, 0),
    "a body nobody reads, in chunks": (CHUNKED, "1\r\ny\r\n", 0),
    "nothing": ("", None, 0),
}


class Service:
    def __init__(self, binary):
        self.folder = tempfile.TemporaryDirectory(prefix="kl-slow-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {
            "KL_LISTEN": f"127.0.0.1:{self.port}",
            "KL_DATABASE_URL": f"sqlite://{self.folder.name}/billing.db",
            "KL_DASHBOARD_JWT_SECRET": SECRET,
            "KL_STRIPE_SANDBOX_LISTEN": "127.0.0.1:0",
        }
        self.log = open(self.folder.name + "/log", "w")
        self.process = subprocess.Popen([binary], env=environment, cwd=self.folder.name, stderr=self.log)
        make = [binary, "token", "dashboard", "--workspace", "ws_demo", "--role", "owner"]
        self.token = subprocess.run(make, env=environment, cwd=self.folder.name, capture_output=True, text=True, check=True).stdout.strip()
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            pass

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000

    def connections(self):
        """Those of the process and those for which the kernel still has something to send."""
        here = f"0100007F:{self.port:04X}"
        with open("/proc/net/tcp") as sockets:
            states = [line.split()[3] for line in sockets if line.split()[1] == here]
        return sum(state in ("01", "04", "08", "0B") for state in states)

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


def kernel_memory():
    with open("/proc/net/sockstat") as sockets:
        return next(int(line.split()[-1]) for line in sockets if line.startswith("TCP")) * 4096 / 1e6


class Others:
    """Four clients that ask 25 times a second each."""

    def __init__(self, service):
        self.waited, self.ends = [], threading.Event()
        self.threads = [threading.Thread(target=self.ask, args=[service]) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def ask(self, service):
        headers, connection = {"authorization": f"Bearer {service.token}"}, None
        while not self.ends.wait(0.04):
            began = time.perf_counter()
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
                connection.request("GET", "/v1/dashboard/billing/status", headers=headers)
                assert connection.getresponse().read().startswith(b'{"billingEnabled"')
                self.waited.append(time.perf_counter() - began)
            except Exception:
                self.waited.append(10)
                connection = None

    def p99(self):
        self.ends.set()
        for thread in self.threads:
            thread.join()
        return sorted(self.waited)[len(self.waited) * 99 // 100] * 1000


def open_one(port, sends):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.setblocking(False)
    try:
        client.send(sends.encode())
    except BlockingIOError:
        pass
    return client


def goes_on(client, more, reads):
    try:
        if more:
            client.send(more.encode())
        if reads:
            client.recv(reads)
    except OSError:
        pass


def measured(binary, kind):
    sends, more, reads = KINDS[kind]
    service = Service(binary)
    quiet = Others(service)
    time.sleep(5)
    quiet = quiet.p99()
    time.sleep(6)  # their connections end
    before, kernel_before = service.resident(), kernel_memory()
    others, began, cut = Others(service), time.monotonic(), None
    clients = [open_one(service.port, sends) for _ in range(CONNECTIONS)]
    largest, kernel, goes_on_at = 0, 0, began + 2
    while cut is None and time.monotonic() < began + PATIENCE:
        time.sleep(0.25)
        now = time.monotonic()
        if now > goes_on_at:
            goes_on_at += 10
            for client in clients:
                goes_on(client, more, reads)
        largest, kernel = max(largest, service.resident()), max(kernel, kernel_memory())
        # Four at the most are the others'.
        if now > began + 3 and service.connections() <= 4:
            cut = now - began
    p99 = others.p99()
    left = service.connections()
    ended = f"{cut:.0f} s" if cut else f"{left} are left after {PATIENCE} s"
    print(f"| {kind} | {largest - before:.0f} MB | {kernel - kernel_before:.0f} MB | {quiet:.1f} ms | {p99:.1f} ms | {ended} |", flush=True)
    for client in clients:
        client.close()
    service.stop()


print("| each of 1,000 connections sends | memory grows by | kernel's | others' p99 before | others' p99 | all are cut off after |")
print("|---|---|---|---|---|---|")
for kind in KINDS:
    if not sys.argv[2:] or any(word in kind for word in sys.argv[2:]):
        measured(os.path.abspath(sys.argv[1]), kind)
