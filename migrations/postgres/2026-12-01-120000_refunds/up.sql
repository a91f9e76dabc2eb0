-- The invoice that a call changes or refunds, and the payment that it refunds: what is under way counts in every decision on
-- it. The subject of a duplicate's refund ends with its payment.
DO $$
BEGIN
    ALTER TABLE gateway_calls ADD COLUMN invoice_id TEXT, ADD COLUMN refunded_payment TEXT;
    UPDATE gateway_calls SET refunded_payment = split_part(subject, '/', 3) WHERE subject LIKE 'refund\_duplicate/%';
    CREATE INDEX gateway_calls_of_invoice ON gateway_calls (workspace_id, invoice_id)
        WHERE invoice_id IS NOT NULL;
    CREATE INDEX gateway_calls_of_payment ON gateway_calls (workspace_id, refunded_payment)
        WHERE refunded_payment IS NOT NULL;
END
$$;
