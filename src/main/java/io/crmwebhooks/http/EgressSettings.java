package io.crmwebhooks.http;

import io.crmwebhooks.http.HostName.AllowList;
import io.crmwebhooks.settings.Setting;
import java.util.Map;

/** The settings whose types are known here only. */
public final class EgressSettings implements Setting.Source {
  @Override
  public Map<String, Setting> settings() {
    return Map.of(
        "webhooks.egress.allow", Setting.of(AllowList::parse),
        "webhooks.egress.ports", Setting.of(EgressRules.Ports::parse),
        "webhooks.egress.proxy.url", Setting.of(EgressProxy::parseUrl).hidden(),
        "webhooks.egress.proxy.bypass", Setting.of(AllowList::parse));
  }
}
