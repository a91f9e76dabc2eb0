-- The invoice that a call changes or refunds: what is under way counts in every decision on it.
DO $$
BEGIN
    ALTER TABLE gateway_calls ADD COLUMN invoice_id TEXT;
    CREATE INDEX gateway_calls_of_invoice ON gateway_calls (workspace_id, invoice_id, call_id)
        WHERE invoice_id IS NOT NULL;
END
$$;
