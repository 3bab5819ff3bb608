/** What may be called and how: addresses, ports, proxy, TLS, custom headers. */
package io.crmwebhooks.egress;
