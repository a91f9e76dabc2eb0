#!/usr/bin/env python3
"""Measures what one workspace costs another: python3 crowd.py BINARY POSTGRES_URL

The database must be empty. Prints how long changes of a workspace take alone, while another workspace's row is locked
elsewhere and 16 clients change that one, and while the owner of another workspace sends 1,000 requests at once."""

import http.client, os, socket, subprocess, sys, tempfile, threading, time

BINARY, URL = os.path.abspath(sys.argv[1]), sys.argv[2]
SECRET = "a-secret-that-only-benchmarks-use-000"
ENABLE, DISABLE = "/v1/dashboard/billing/enable", "/v1/dashboard/billing/disable"


def main():
    with tempfile.TemporaryDirectory(prefix="kl-crowd-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {
            "KL_LISTEN": f"127.0.0.1:{port}",
            "KL_DATABASE_URL": URL,
            "KL_DASHBOARD_JWT_SECRET": SECRET,
            "KL_STRIPE_SANDBOX_LISTEN": "127.0.0.1:0",
        }
        process = subprocess.Popen([BINARY], env=environment, cwd=folder, stderr=subprocess.DEVNULL)
        try:
            while socket.socket().connect_ex(("127.0.0.1", port)):
                time.sleep(0.1)
            measure(port, lambda workspace: token(workspace, environment, folder))
        finally:
            process.terminate()
            process.wait()


def token(workspace, environment, folder):
    make = [BINARY, "token", "dashboard", "--workspace", workspace, "--role", "owner"]
    return subprocess.run(make, env=environment, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def measure(port, token_of):
    crowded, other = token_of("ws_crowded"), token_of("ws_other")
    ask(port, ENABLE, crowded)
    print("| other workspace | changes | p50 | p99 | slowest | not 200 | the crowd got |")
    print("|---|---|---|---|---|---|---|")
    tell("quiet", changes(port, other, lambda done: done >= 200), [])

    lock = subprocess.Popen(["psql", "-qAt", URL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lock.stdin.write("BEGIN; SELECT 'locked' FROM workspaces WHERE workspace_id = 'ws_crowded' FOR UPDATE;\n")
    lock.stdin.flush()
    lock.stdout.readline()
    crowd, answers = begin(16, port, crowded)
    time.sleep(0.2)
    until = time.monotonic() + 4
    told = changes(port, other, lambda _: time.monotonic() > until)
    lock.communicate("ROLLBACK;\n")
    tell("locked elsewhere, 16 clients", told, end(crowd, answers))

    crowd, answers = begin(1_000, port, crowded)
    told = changes(port, other, lambda _: not crowd.is_alive())
    tell("1,000 requests at once", told, end(crowd, answers))


def ask(port, path, bearer, connection=None):
    connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, headers={"Authorization": f"Bearer {bearer}"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def changes(port, bearer, enough):
    connection, told = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    while not enough(len(told)):
        began = time.monotonic()
        status = ask(port, (ENABLE, DISABLE)[len(told) % 2], bearer, connection)
        told.append(((time.monotonic() - began) * 1000, status))
    return told


def begin(clients, port, bearer):
    """Sends a change of the gateway on each connection, all at once, and reads the answers on a thread."""
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(clients)]
    for number, connection in enumerate(connections):
        body = '{"gateway":"%s"}' % ("managed", "stripe_connect")[number % 2]
        head = f"POST {ENABLE} HTTP/1.1\r\nhost: billing\r\nauthorization: Bearer {bearer}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        connection.sendall((head + body).encode())
    answers = []
    reader = threading.Thread(target=lambda: answers.extend(int(c.recv(4096).split()[1]) for c in connections))
    reader.start()
    return reader, answers


def end(reader, answers):
    reader.join()
    return answers


def tell(name, told, crowd):
    times = sorted(duration for duration, _ in told)
    at = lambda share: f"{times[min(len(times) - 1, int(len(times) * share))]:.1f} ms"
    refused = sum(status != 200 for _, status in told)
    got = ", ".join(f"{crowd.count(status)} × {status}" for status in sorted(set(crowd)))
    print(f"| {name} | {len(told)} | {at(0.5)} | {at(0.99)} | {times[-1]:.1f} ms | {refused} | {got} |", flush=True)


main()
