"""Measures the dashboard's pages over a catalog of 10,000 plans. Part of bench.py."""

import http.client, json, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

PLANS = 10_000
CLIENTS = 8
SECONDS = 4
API = "/v1/dashboard"
CATALOG = API + "/apps/app_demo/billing"
PAGES = "/app/app_demo/billing"


class Client:
    """A connection that stays open."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def ask(self, method, path, body=None):
        self.connection.request(method, path, json.dumps(body) if body else None, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None


def fill(port, token):
    """Plans with two prices each; every tenth has features, and one in twenty is archived."""

    def some(first):
        client = Client(port, token)
        for number in range(first, PLANS, CLIENTS):
            price = lambda amount, currency: {"amount": {"minorUnits": amount, "currency": currency}, "interval": "month"}
            plan = {"key": f"plan_{number}", "name": f"Plan {number}", "prices": [price(number + 1, "USD"), price(number + 1, "JPY")]}
            made = client.ask("POST", CATALOG + "/plans", plan)
            if number % 10 == 0:
                for feature in ("pro_export", f"feature_{number}"):
                    client.ask("POST", f"{CATALOG}/plans/{made['id']}/features", {"key": feature, "name": feature})
            if number % 20 == 1:
                client.ask("DELETE", f"{CATALOG}/plans/{made['id']}")

    Client(port, token).ask("POST", API + "/billing/enable")
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(some, range(CLIENTS)))


def deep_cursor(port, token):
    """Where the last hundred plans of the list begin."""
    client, cursor = Client(port, token), ""
    while True:
        page = client.ask("GET", f"{CATALOG}/plans?limit=100{cursor}")
        if page["nextCursor"] is None:
            return cursor
        cursor = "&cursor=" + page["nextCursor"]


def processor_time(pid):
    """The milliseconds of processor time that the process has used."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) * 1000 / os.sysconf("SC_CLK_TCK")


def latency(server, path, connections, token):
    """The median and the 99th percentile of the latency, and the processor time of a request, in milliseconds."""
    began = processor_time(server.process.pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", f"Cookie: kl_dashboard={token}"]
    command += ["-H", f"Authorization: Bearer {token}"]
    output = subprocess.run(command + [f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(output)
    percentile = lambda share: re.search(share + r"%\s+([\d.]+)(us|ms|s)", output).groups()
    milliseconds = lambda value, unit: float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    requests = int(re.search(r"(\d+) requests in", output)[1])
    used = (processor_time(server.process.pid) - began) / requests
    return milliseconds(*percentile("50")), milliseconds(*percentile("99")), used


def back_cursor(port, token):
    """The cursor of the page before the last one."""
    page = Client(port, token).ask("GET", f"{CATALOG}/plans?limit=100{deep_cursor(port, token)}")
    return page["items"][0]["id"]


def measured(name, server, token):
    port = server.port
    client = Client(port, token)
    newest = client.ask("GET", f"{CATALOG}/plans?limit=100")["items"]
    plan = next(plan["id"] for plan in newest if plan["features"])
    for title, path in {
        "plans, newest": PAGES,
        "plans, the last page": PAGES + "?" + deep_cursor(port, token).lstrip("&"),
        "plans, back from the last page": PAGES + "?newer=" + back_cursor(port, token),
        "plans, archived": PAGES + "?archived=true",
        "plans, 275 found": PAGES + "?q=99",
        "plans, 1 found": PAGES + "?q=plan+9998",
        "plans, for organizations: none": PAGES + "?for=organization",
        "one plan": f"{PAGES}/plans/{plan}",
        "editing a plan": f"{PAGES}/plans/{plan}/edit",
        "features": PAGES + "/features",
        "features, 1 found": PAGES + "/features?q=feature_9990",
        "audit log": "/settings/audit-log",
    }.items():
        for connections in (1, 8):
            half, most, used = latency(server, path, connections, token)
            print(f"| {name} | {title} | {connections} | {half:.1f} ms | {most:.1f} ms | {used:.2f} ms |", flush=True)
