DROP INDEX gateway_calls_of_payment;
DROP INDEX gateway_calls_of_invoice;
ALTER TABLE gateway_calls DROP COLUMN refunded_payment;
ALTER TABLE gateway_calls DROP COLUMN invoice_id;
