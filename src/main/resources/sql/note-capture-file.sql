-- Notes the file that manages a captured table.
UPDATE webhooks.capture_target SET file = :?file WHERE schema = :?schema AND name = :?table
