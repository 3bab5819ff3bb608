/**
 * The demo: a sample CRM with people at work in it, and a receiver that shows what arrives. Nothing
 * here is used by {@code run}.
 */
package io.crmwebhooks.demo;
