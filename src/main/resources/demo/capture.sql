-- From here on every committed change of the sample CRM is captured.
SELECT webhooks.capture('crm.company', 'company');
SELECT webhooks.capture('crm.person', 'person');
SELECT webhooks.capture('crm.opportunity', 'opportunity');
SELECT webhooks.capture('crm.note', 'note');
SELECT webhooks.capture('crm.task', 'task');
