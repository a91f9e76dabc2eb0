DROP INDEX gateway_calls_of_invoice;
ALTER TABLE gateway_calls DROP COLUMN invoice_id;
