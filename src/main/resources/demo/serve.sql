-- From here on every committed change of the sample Twenty is captured, and the webhooks that were made in it are served.
SELECT * FROM webhooks.twenty_install(NULL);
SELECT * FROM webhooks.twenty_capture('20c1a0de-5a17-4000-8000-000000000001', false);
SELECT * FROM webhooks.twenty_live('20c1a0de-5a17-4000-8000-000000000001');
