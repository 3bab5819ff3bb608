/**
 * What can be seen of the running pipeline from outside: metrics, health, and news for operators.
 */
package io.crmwebhooks.observe;
