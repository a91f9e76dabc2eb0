"""Measures how fast webhooks are stored, and how soon a storm of them is applied. Part of bench.py."""

import hashlib, hmac, http.client, json, os, re, signal, sqlite3, statistics, subprocess, sys, time, urllib.parse
from concurrent.futures import ThreadPoolExecutor

WORKSPACES = 200
STORM = 5_000
BODY = 5_000
SIGNED = 60_000
SECONDS = 4
TURNS = 5
KEY = "sk_test_kolaylogin_managed"
WEBHOOK_SECRET = "whsec_of_the_benchmark"
API = "/v1/dashboard"
SENDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "webhooks.lua")


def at(sandbox):
    """The settings of a service that uses this sandbox, and no other."""
    return {
        "KL_STRIPE_API_BASE": f"http://127.0.0.1:{sandbox}",
        "KL_STRIPE_MANAGED_SECRET_KEY": KEY,
        "KL_STRIPE_MANAGED_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "KL_STRIPE_CONNECT_SECRET_KEY": "sk_test_of_the_benchmark",
        "KL_STRIPE_CONNECT_CLIENT_ID": "ca_of_the_benchmark",
    }


def ask(port, method, path, token, body=None, form=False):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    sent = None if body is None else urllib.parse.urlencode(body) if form else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    connection.request(method, path, sent, {"authorization": f"Bearer {token}", "content-type": kind})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 400:
        sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
    return json.loads(text)


def sell(port, sandbox, token):
    """Turns billing on, and sells one subscription."""
    ask(port, "POST", API + "/billing/enable", token)
    app = ask(port, "POST", API + "/apps", token, {"name": "Shop"})["id"]
    billing = f"{API}/apps/{app}/billing"
    price = {"amount": {"minorUnits": 1000, "currency": "USD"}, "interval": "month"}
    ask(port, "POST", billing + "/plans", token, {"key": "pro", "name": "Pro", "prices": [price]})
    asked = {"payer": {"kind": "user", "id": "user_1"}, "plan": "pro", "interval": "month"}
    session = ask(port, "POST", billing + "/checkout-links", token, asked)["url"].rsplit("/", 1)[1].split("#")[0]
    paid = {"payment_method": "pm_card_visa", "expected_amount": "1000"}
    ask(sandbox, "POST", f"/v1/payment_pages/{session}/confirm", KEY, paid, form=True)


def objects(sandbox):
    """All subscriptions, invoices and sessions at the sandbox."""
    found = []
    for path in ("subscriptions", "invoices", "checkout/sessions"):
        after = ""
        while True:
            page = ask(sandbox, "GET", f"/v1/{path}?limit=100{after}", KEY)
            found += page["data"]
            if not page["has_more"]:
                break
            after = "&starting_after=" + page["data"][-1]["id"]
    return found


KINDS = {"subscription": "customer.subscription.updated", "invoice": "invoice.updated", "checkout.session": "checkout.session.completed"}


def event(id, of):
    """An event of some 5 KB that speaks of this object."""
    spoken = {name: of[name] for name in ("id", "object", "customer", "metadata")}
    whole = {"id": id, "object": "event", "created": int(time.time()), "livemode": False, "type": KINDS[of["object"]], "data": {"object": spoken}}
    spoken["description"] = "x" * (BODY - len(json.dumps(whole)))
    return json.dumps(whole)


def signature(body):
    at = int(time.time())
    signed = hmac.new(WEBHOOK_SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def write_events(path, run, of, count):
    with open(path, "w") as file:
        for number in range(count):
            body = event(f"evt_{run}_{number}", of[number % len(of)])
            file.write(f"{signature(body)}\t{body}\n")


def stored(port, senders, path, seconds=SECONDS):
    """Events per second, the 99th percentile to their acknowledgement in milliseconds, and their number."""
    command = ["wrk", "-t1", f"-c{senders}", f"-d{seconds}s", "--latency", "-s", SENDER, f"http://127.0.0.1:{port}/v1/stripe/webhook", "--", path]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output or "ran out" in output:
        sys.exit(output)
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]), float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def one_by_one(tool, url, senders, path):
    output = subprocess.run([tool, "events", url, str(senders), str(SECONDS), path], capture_output=True, text=True, check=True).stdout
    return tuple(map(float, output.split()))


def account_of(sandbox):
    return ask(sandbox, "GET", "/v1/account", KEY)["id"]


def due(url, psql):
    """The number of objects that wait to be fetched."""
    count = "SELECT COUNT(*) FROM work WHERE kind = 'sync_object'"
    if url.startswith("sqlite://"):
        with sqlite3.connect(url.removeprefix("sqlite://"), timeout=10) as conn:
            return conn.execute(count).fetchone()[0]
    return int(subprocess.run([psql, "-tAc", count, url], capture_output=True, text=True, check=True).stdout)


def storm(port, url, psql, of, folder):
    path = folder + "/storm"
    write_events(path, "storm", of, STORM)
    with open(path) as file:
        events = [line.rstrip("\n").split("\t", 1) for line in file]
    began = time.monotonic()

    def some(first):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for signed, body in events[first::16]:
            connection.request("POST", "/v1/stripe/webhook", body, {"stripe-signature": signed})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                sys.exit(f"webhook: {answer.status}")

    with ThreadPoolExecutor(16) as senders:
        list(senders.map(some, range(16)))
    acknowledged = time.monotonic() - began
    while due(url, psql):
        time.sleep(0.1)
    return acknowledged, time.monotonic() - began


def measure(name, server, lender, sandbox, url, token_of, tool, psql, folder):
    with ThreadPoolExecutor(4) as sellers:
        list(sellers.map(lambda number: sell(server.port, sandbox, token_of(f"ws_storm_{number}")), range(WORKSPACES)))
    of = objects(sandbox)
    account = account_of(sandbox)
    workspaces = {shop["customer"]: shop["metadata"]["kl_workspace_id"] for shop in of if "kl_workspace_id" in shop["metadata"]}
    plain = folder + "/objects"
    with open(plain, "w") as file:
        for number, shop in enumerate(of):
            file.write(f"{workspaces[shop['customer']]} {account} {shop['id']} {event(f'evt_{number}', shop)}\n")
    acknowledged, applied = storm(server.port, url, psql, of, folder)
    print(f"{name}: {STORM} events of {len(of)} objects in {WORKSPACES} workspaces: acknowledged in {acknowledged:.1f} s, applied in {applied:.1f} s\n", flush=True)
    print("| database | senders | stored, events/s | p99 | one by one, events/s | p99 | rate |")
    print("|---|---|---|---|---|---|---|")
    # Stripe does not answer now: what is measured is the inbox alone, and not the worker beside it.
    lender.process.send_signal(signal.SIGSTOP)
    for senders in (1, 32):
        turns = []
        for turn in range(TURNS):
            path = folder + "/signed"
            write_events(path, f"{senders}_{turn}", of, SIGNED)
            turns.append((stored(server.port, senders, path), one_by_one(tool, url, senders, plain)))
        median = lambda pick: statistics.median(pick(turn) for turn in turns)
        print(
            f"| {name} | {senders} | {median(lambda t: t[0][0]):,.0f} | {median(lambda t: t[0][1]):.1f} ms "
            f"| {median(lambda t: t[1][0]):,.0f} | {median(lambda t: t[1][1]):.1f} ms | {median(lambda t: t[0][0] / t[1][0]):.0%} |",
            flush=True,
        )
    lender.process.send_signal(signal.SIGCONT)
