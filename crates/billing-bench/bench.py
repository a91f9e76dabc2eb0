#!/usr/bin/env python3
"""Measures the service beside the bare handler of this crate, and prints a page of Markdown.

Needs wrk (Debian: apt-get install wrk) and Postgres binaries. With the word `status`, `pages`, `sales` or `webhooks` it
measures that alone. Both servers take turns on the same database, and every figure is the median of the turns, so that a machine
that is slow for a while is slow for both.
"""

import glob, os, platform, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

import pages, sales, webhooks

TURNS = 5
SECONDS = 4
SECRET = "a-secret-for-measuring-of-at-least-32-bytes"
STATUS = "/v1/dashboard/billing/status"
TARGET = os.environ.get("CARGO_TARGET_DIR", "target") + "/release/"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, request):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request.encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def request(token):
    return f"GET {STATUS} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"


class Server:
    """A server process that has answered once."""

    def __init__(self, command, port, token, environment=None, folder=None):
        self.port, began = port, time.monotonic()
        self.process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.DEVNULL)
        while not answers(port, request(token)):
            if self.process.poll() is not None or time.monotonic() - began > 30:
                sys.exit(f"{command} does not answer")
        self.started_in = time.monotonic() - began

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def service(url, token, folder, sandbox=0, settings={}):
    port = free_port()
    environment = settings | {
        "KL_LISTEN": f"127.0.0.1:{port}",
        "KL_DATABASE_URL": url,
        "KL_DASHBOARD_JWT_SECRET": SECRET,
        "KL_STRIPE_SANDBOX_LISTEN": f"127.0.0.1:{sandbox}",
    }
    return Server([os.path.abspath(TARGET + "billing-server")], port, token, environment, folder)


def baseline(url, token):
    port = free_port()
    return Server([TARGET + "billing-bench", "status", f"127.0.0.1:{port}", url, SECRET], port, token)


def load(port, connections, token):
    """Requests per second and the 99th percentile in milliseconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", f"Authorization: Bearer {token}"]
    output = subprocess.run(command + [f"http://127.0.0.1:{port}{STATUS}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(output)
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]), float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measured(name, url, token, folder):
    ours, bare = service(url, token, folder), baseline(url, token)
    try:
        for connections in (1, 32):
            for server in (ours, bare):
                load(server.port, connections, token)
            turns = [(load(ours.port, connections, token), load(bare.port, connections, token)) for _ in range(TURNS)]
            median = lambda pick: statistics.median(pick(turn) for turn in turns)
            ratio = median(lambda turn: turn[0][0] / turn[1][0])
            print(
                f"| {name} | {connections} | {median(lambda t: t[0][0]):,.0f} | {median(lambda t: t[0][1]):.2f} ms "
                f"| {median(lambda t: t[1][0]):,.0f} | {median(lambda t: t[1][1]):.2f} ms | {ratio:.0%} |",
                flush=True,
            )
    finally:
        ours.stop(), bare.stop()


def starts(name, url, token, folder):
    durations, sizes = [], []
    for _ in range(TURNS):
        server = service(url, token, folder)
        durations.append(server.started_in * 1000)
        time.sleep(2)
        sizes.append(server.resident())
        server.stop()
    print(f"| {name} | {statistics.median(durations):.0f} ms | {max(durations):.0f} ms | {max(sizes):.1f} MB |", flush=True)


def postgres(folder):
    folders = os.environ["PATH"].split(":") + sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    needed = ("initdb", "postgres", "pg_isready", "psql")
    binaries = next((path + "/" for path in folders if all(os.path.exists(f"{path}/{name}") for name in needed)), None)
    if not binaries:
        sys.exit("Postgres binaries are missing")
    as_owner = {}
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_owner = {"user": "postgres", "group": "postgres"}
    data = folder + "/data"
    subprocess.run([binaries + "initdb", "-U", "billing", "-A", "trust", "--no-locale", "-D", data], check=True, stdout=subprocess.DEVNULL, cwd="/", **as_owner)
    server = subprocess.Popen([binaries + "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="], stderr=subprocess.DEVNULL, cwd="/", **as_owner)
    while subprocess.run([binaries + "pg_isready", "-q", "-h", folder]).returncode:
        pass
    at = "postgres://billing@" + folder.replace("/", "%2F") + "/"
    for database in ("webhooks", "sales"):
        subprocess.run([binaries + "psql", "-qc", f"CREATE DATABASE {database}", at + "postgres"], check=True)
    return server, at, binaries + "psql"


def measure_api(databases, token, folder):
    print(f"{os.cpu_count()} cores, {platform.system()}; medians of {TURNS} turns of {SECONDS} s each.\n")
    print("| database | connections | service, requests/s | p99 | bare handler, requests/s | p99 | rate |")
    print("|---|---|---|---|---|---|---|")
    for name, url in databases.items():
        measured(name, url, token, folder)
    print("\n| database | start to first answer, median | slowest | resident when idle, largest |")
    print("|---|---|---|---|")
    for name, url in databases.items():
        starts(name, url, token, folder)


def measure_pages(databases, token, folder, psql):
    print("\n| database | page | connections | first byte and all, p50 | p99 | processor time |")
    print("|---|---|---|---|---|---|")
    for name, url in databases.items():
        serving = service(url, token, folder)
        pages.fill(serving.port, token)
        if name == "Postgres":
            # As autovacuum leaves tables that were not filled a moment ago.
            subprocess.run([psql, "-qc", "VACUUM ANALYZE", url], check=True)
        pages.measured(name, serving, token)
        serving.stop()


def measure_sales(databases, token, folder, psql):
    for name, url in databases.items():
        serving = service(url, token, folder)
        shops = sales.filled(serving, url, token_of, psql)
        serving.stop()
        serving = service(url, token, folder)
        large, small = (f"{shop.size:,} subscriptions" for shop in shops)
        print(f"\n| database | one connection | {large}, p50 | p99 | {small}, p50 | p99 |\n|---|---|---|---|---|---|")
        sales.measured(name, serving, shops)
        print("\n| database | export | rows | size | time | memory before | largest |\n|---|---|---|---|---|---|---|")
        sales.exported(name, serving, shops[0])
        serving.stop()


def measure_webhooks(databases, folder, psql):
    for name, url in databases.items():
        # Another process lends its sandbox, so that it can be held still.
        sandbox = free_port()
        lender = service(f"sqlite://{folder}/lender_{name}.db", token_of("ws_demo"), folder, sandbox)
        serving = service(url, token_of("ws_demo"), folder, settings=webhooks.at(sandbox))
        webhooks.measure(name, serving, lender, sandbox, url, token_of, TARGET + "billing-bench", psql, folder)
        serving.stop(), lender.stop()


def token_of(workspace):
    make = [TARGET + "billing-server", "token", "dashboard", "--workspace", workspace, "--role", "owner"]
    return subprocess.run(make, env={"KL_DASHBOARD_JWT_SECRET": SECRET}, capture_output=True, text=True, check=True).stdout.strip()


def main():
    if not shutil.which("wrk"):
        sys.exit("wrk is missing")
    asked = sys.argv[1:] or ["status", "webhooks", "pages", "sales"]
    os.chdir(subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True).stdout.strip())
    subprocess.run(["cargo", "build", "--release", "--locked", "--workspace", "--bins"], check=True)
    with tempfile.TemporaryDirectory(prefix="kl-bench-") as sqlite, tempfile.TemporaryDirectory(prefix="kl-bench-") as folder:
        server, at, psql = postgres(folder)
        databases = lambda file, name: {"SQLite": f"sqlite://{sqlite}/{file}.db", "Postgres": at + name}
        try:
            if "status" in asked:
                measure_api(databases("billing", "postgres"), token_of("ws_demo"), sqlite)
            if "webhooks" in asked:
                measure_webhooks(databases("webhooks", "webhooks"), sqlite, psql)
            if "pages" in asked:
                measure_pages(databases("billing", "postgres"), token_of("ws_demo"), sqlite, psql)
            if "sales" in asked:
                measure_sales(databases("sales", "sales"), token_of("ws_demo"), sqlite, psql)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


main()
