-- Which log the changes of this database are, wherever it is restored.
SELECT log FROM webhooks.settled_log
