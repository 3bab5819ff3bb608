package io.crmwebhooks.admin;

/** Ids of changes, both ends included. */
record IdRange(long first, long last) {}
