"""Measures the lists of subscriptions and invoices. Part of bench.py.

A workspace with 100,000 subscriptions and 1,000,000 invoices, beside one with 1,000 and 10,000 in the same database. They
are filled straight into it.
"""

import http.client, sqlite3, subprocess, threading, time

from pages import Client, latency

API = "/v1/dashboard"
SIZES = {"ws_large": 100_000, "ws_small": 1_000}
INVOICES = 10

# Of 100 subscriptions, in an order that mixes them.
STATUS = """CASE WHEN {n} % 100 < 70 THEN 'active' WHEN {n} % 100 < 75 THEN 'trialing' WHEN {n} % 100 < 77 THEN 'past_due'
    WHEN {n} % 100 < 78 THEN 'unpaid' WHEN {n} % 100 < 98 THEN 'canceled' ELSE 'incomplete_expired' END"""
INVOICE_STATUS = """CASE WHEN {n} % 100 < 93 THEN 'paid' WHEN {n} % 100 < 96 THEN 'open' WHEN {n} % 100 < 97 THEN 'draft'
    WHEN {n} % 100 < 99 THEN 'void' ELSE 'uncollectible' END"""
ENVIRONMENT = "CASE WHEN {n} % 19 = 0 THEN '{development}' ELSE '{production}' END"
# Rare together with the status and the environment.
PLAN = "CASE WHEN {n} % 37 = 0 THEN {third} WHEN {n} % 3 = 0 THEN {second} ELSE {first} END"

TIMES = (
    """'{{"startedAt":"2026-01-28T08:00:00.000Z","periodStart":"2026-11-28T08:00:00.000Z","periodEnd":"2026-12-28T08:00:00.000Z","""
    """"trialEnd":null,"cancelAt":' || CASE WHEN {n} % 31 = 0 THEN '"2026-12-28T08:00:00.000Z"' ELSE 'null' END || ',"""
    """"canceledAt":null,"endedAt":null}}'"""
)
DETAILS = (
    """'{{"status":"' || {status} || '","number":"4F2A7C1D-' || n || '","total":{{"minorUnits":1500,"currency":"USD"}},"""
    """"amountPaid":{{"minorUnits":1500,"currency":"USD"}},"amountDue":{{"minorUnits":1500,"currency":"USD"}},"""
    """"createdAt":"2026-11-28T08:00:00.000Z","paidAt":"2026-11-28T08:00:01.000Z","dueAt":null,"""
    """"hostedUrl":"https://invoice.stripe.com/i/acct_1PgafTB1WZUa6l2w/test_YWNjdF8xUGdhZlRCMVdaVWE2bDJ3LF9S' || n || '","""
    """"pdfUrl":"https://pay.stripe.com/invoice/acct_1PgafTB1WZUa6l2w/test_YWNjdF8xUGdhZlRCMVdaVWE2bDJ3LF9S' || n || '/pdf","""
    """"lines":[{{"description":"1 × Professional (at $15.00 / month)","quantity":1,"amount":{{"minorUnits":1500,"currency":"USD"}},"""
    """"periodStart":"2026-11-28T08:00:00.000Z","periodEnd":"2026-12-28T08:00:00.000Z"}}],"hasMoreLines":false}}'"""
)

FILL = """
    INSERT INTO subscriptions (workspace_id, subscription_id, app_id, environment_id, payer_kind, payer_id,
        gateway_account_id, stripe_subscription_id, customer, intent_id, status, plan_id, price_id, quantity, times, synced_at)
    {numbers}
    SELECT '{workspace}', {subscription}, '{app}', {environment}, 'user', {payer}, 'acct_1PgafTB1WZUa6l2w',
        '{workspace}_sub_' || n, 'cus_' || n, NULL, {status}, {plan}, {price}, 1, {times}, '2026-11-28 08:00:02+00:00'
    FROM numbers;

    INSERT INTO invoices (workspace_id, invoice_id, app_id, environment_id, payer_kind, payer_id, gateway_account_id,
        stripe_invoice_id, subscription_id, status, details, synced_at)
    {more_numbers}
    SELECT '{workspace}', {invoice}, '{app}', {invoice_environment}, 'user', {invoice_payer}, 'acct_1PgafTB1WZUa6l2w',
        '{workspace}_in_' || n, {invoice_subscription}, {invoice_status}, {details}, '2026-11-28 08:00:02+00:00'
    FROM numbers;

    DELETE FROM sale_counts WHERE workspace_id = '{workspace}';
    INSERT INTO sale_counts
    SELECT workspace_id, app_id, 'subscription', environment_id, status, is_ending, COUNT(*) FROM subscriptions
    WHERE workspace_id = '{workspace}' GROUP BY workspace_id, app_id, environment_id, status, is_ending;
    INSERT INTO sale_counts
    SELECT workspace_id, app_id, 'invoice', environment_id, status, FALSE, COUNT(*) FROM invoices
    WHERE workspace_id = '{workspace}' GROUP BY workspace_id, app_id, environment_id, status;
"""


class Shop:
    """A workspace that sells three plans."""

    def __init__(self, port, workspace, token):
        self.workspace, self.token, self.size = workspace, token, SIZES[workspace]
        client = Client(port, token)
        client.ask("POST", API + "/billing/enable")
        app = client.ask("POST", API + "/apps", {"name": "Acme Notes"})
        self.app = app["id"]
        self.environments = {environment["kind"]: environment["id"] for environment in app["environments"]}
        self.api, self.page = f"{API}/apps/{self.app}/billing", f"/app/{self.app}/billing"
        price = {"amount": {"minorUnits": 1500, "currency": "USD"}, "interval": "month"}
        plan = lambda name: client.ask("POST", self.api + "/plans", {"key": name.lower(), "name": name, "prices": [price]})
        self.plans = [plan(name) for name in ("Starter", "Professional", "Team")]

    def fill(self, run, is_postgres):
        """Runs the statements that fill the workspace."""
        if is_postgres:
            key = lambda kind, n: f"'{kind}_01' || lpad(to_hex({n}), 24, '0')"
            numbers = lambda most: ("", f"FROM generate_series(0, {most - 1}) AS numbers (n)")
        else:
            key = lambda kind, n: f"'{kind}_01' || printf('%024x', {n})"
            recursive = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})"
            numbers = lambda most: (recursive.format(most=most - 1), "FROM numbers")
        sold = f"(n / {INVOICES})"
        of = lambda n: ENVIRONMENT.format(n=n, **self.environments)
        plan = lambda of: PLAN.format(n="n", **dict(zip(("first", "second", "third"), (f"'{of(plan)}'" for plan in self.plans))))
        payer = lambda n: f"'user_' || {n} || 'mQ8vTz4Lk'"
        invoice_status = INVOICE_STATUS.format(n="(n * 7)")
        statements = FILL
        for part, most in (("{numbers}", self.size), ("{more_numbers}", self.size * INVOICES)):
            start, source = numbers(most)
            before, after = statements.split(part, 1)
            statements = before + start.replace("{", "{{") + after.replace("FROM numbers;", source + ";", 1)
        run(statements.format(
            workspace=self.workspace, app=self.app, subscription=key("sub", "n"), invoice=key("inv", "n"),
            environment=of("n"), invoice_environment=of(sold), payer=payer("n"), invoice_payer=payer(sold),
            status=STATUS.format(n="(n * 7)"), invoice_status=invoice_status,
            plan=plan(lambda plan: plan["id"]), price=plan(lambda plan: plan["prices"][0]["id"]),
            times=TIMES.format(n="n"), invoice_subscription=key("sub", sold), details=DETAILS.format(status=invoice_status),
        ))

    def requests(self):
        """What is asked for, by its title."""
        subscriptions, invoices, middle = self.api + "/subscriptions", self.api + "/invoices", self.size // 2
        plan, team, development = self.plans[0]["id"], self.plans[2]["id"], self.environments["development"]
        subscription, invoice = f"sub_01{middle:024x}", f"inv_01{middle * INVOICES:024x}"
        one, few = f"user_{middle}mQ8vTz4Lk", f"user_{middle // 100}"
        return {
            "subscriptions, newest": subscriptions,
            "by status: past due": subscriptions + "?status=past_due",
            "by status: ending": subscriptions + "?status=ending",
            "by plan": f"{subscriptions}?plan={plan}",
            "by environment": f"{subscriptions}?environmentId={development}",
            "by plan, environment and status": f"{subscriptions}?plan={team}&environmentId={development}&status=unpaid",
            "ending, by plan and environment": f"{subscriptions}?plan={team}&environmentId={development}&status=ending",
            "by payer": f"{subscriptions}?payer={one}",
            "by the beginning of an id": f"{subscriptions}?payer={few}*",
            "by the beginning of every id": f"{subscriptions}?payer=user_*",
            "from the middle": f"{subscriptions}?limit=100&cursor={subscription}",
            "of a status, from the middle": f"{subscriptions}?status=canceled&cursor={subscription}",
            "numbers of subscriptions": subscriptions + "/counts",
            "one subscription": f"{subscriptions}/{subscription}",
            "invoices, newest": invoices,
            "by status: uncollectible": invoices + "?status=uncollectible",
            "by environment and status": f"{invoices}?environmentId={development}&status=draft",
            "of a subscription": f"{invoices}?subscriptionId={subscription}",
            "to a payer": f"{invoices}?payer={one}",
            "to the beginning of an id": f"{invoices}?payer={few}*",
            "to the beginning of every id, by status": f"{invoices}?payer=user_*&status=uncollectible",
            "invoices from the middle": f"{invoices}?limit=100&cursor={invoice}",
            "numbers of invoices": invoices + "/counts",
            "one invoice": f"{invoices}/{invoice}",
            "page of subscriptions": self.page + "/subscriptions",
            "page of subscriptions, by plan": f"{self.page}/subscriptions?plan={plan}",
            "page of subscriptions, by the beginning of an id": f"{self.page}/subscriptions?payer={few}",
            "page of subscriptions, from the middle": f"{self.page}/subscriptions?cursor={subscription}",
            "page of one subscription": f"{self.page}/subscriptions/{subscription}",
            "page of invoices": self.page + "/invoices",
            "page of invoices, by status": self.page + "/invoices?status=open",
            "page of invoices, from the middle": f"{self.page}/invoices?cursor={invoice}",
            "page of one invoice": f"{self.page}/invoices/{invoice}",
        }


def filled(server, url, token_of, psql):
    def run(statements):
        if url.startswith("sqlite://"):
            with sqlite3.connect(url.removeprefix("sqlite://")) as database:
                database.executescript(statements)
        else:
            subprocess.run([psql, "-qv", "ON_ERROR_STOP=1", url], input=statements, text=True, check=True)

    shops = [Shop(server.port, workspace, token_of(workspace)) for workspace in SIZES]
    for shop in shops:
        shop.fill(run, not url.startswith("sqlite://"))
    if not url.startswith("sqlite://"):
        # As autovacuum leaves tables that were not filled a moment ago.
        subprocess.run([psql, "-qc", "VACUUM ANALYZE", url], check=True)
    return shops


def measured(name, server, shops):
    large, small = (shop.requests() for shop in shops)
    for title in large:
        numbers = []
        for shop, requests in zip(shops, (large, small)):
            half, most, _ = latency(server, requests[title], 1, shop.token)
            numbers.append(f"{half:.1f} ms | {most:.1f} ms")
        print(f"| {name} | {title} | {' | '.join(numbers)} |", flush=True)


def exported(name, server, shop):
    """The time and the memory that the largest export takes."""
    before, peak, done = server.resident(), 0, threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, server.resident())

    watching = threading.Thread(target=watch)
    watching.start()
    for list_of in ("subscriptions", "invoices"):
        began, rows, size = time.monotonic(), 0, 0
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", f"{shop.api}/{list_of}/export.csv", headers={"authorization": f"Bearer {shop.token}"})
        answer = connection.getresponse()
        while piece := answer.read(1 << 16):
            rows, size = rows + piece.count(b"\n"), size + len(piece)
        took = time.monotonic() - began
        print(f"| {name} | {list_of} | {rows - 1:,} | {size / 1e6:.0f} MB | {took:.1f} s | {before:.0f} MB | {peak:.0f} MB |", flush=True)
    done.set(), watching.join()
