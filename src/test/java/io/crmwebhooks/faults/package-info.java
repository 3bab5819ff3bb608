/** Faults that the packaged program must survive; docs/reliability.md explains them. */
package io.crmwebhooks.faults;
