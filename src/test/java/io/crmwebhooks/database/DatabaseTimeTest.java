package io.crmwebhooks.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatabaseTimeTest {
  @Test
  void is_the_time_that_postgresql_means_in_whatever_zone_it_is_written() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      Sql sql = new Sql(database.dataSource());
      var rows =
          sql.rows(
              """
              SELECT t::text AS text, t AS shown, (extract(epoch FROM t) * 1000000)::bigint AS micros
              FROM (
                SELECT '4713-01-01 00:00:00Z BC'::timestamptz + n * interval '61 days 7 hours 1.234567 s' AS t
                FROM generate_series(0, 100000, 97) n
                UNION ALL SELECT '0001-02-29 12:00:00Z BC' UNION ALL SELECT '290000-02-28 23:59:59.999999Z') times
              """,
              Map.of());
      for (var row : rows) {
        Instant time = DatabaseTime.parse(row.path("text").asText());
        assertThat(time.getEpochSecond() * 1_000_000 + time.getNano() / 1000)
            .as(row.toString())
            .isEqualTo(row.path("micros").asLong());
        assertThat(row.path("shown").asText()).isEqualTo(DatabaseTime.iso(time));
        assertThat(
                sql.row("SELECT CAST(:?t AS timestamptz)::text AS back", Map.of("t", time))
                    .orElseThrow()
                    .path("back"))
            .isEqualTo(row.path("text"));
      }
    }
  }

  @Test
  void has_a_sign_and_six_digits_where_a_year_has_not_four() {
    assertThat(
            List.of(
                "2025-02-10 16:30:50.1239+01",
                "12025-01-01 00:00:00+00",
                "0044-03-15 12:00:00+00 BC"))
        .extracting(DatabaseTime::parse)
        .extracting(DatabaseTime::iso)
        .containsExactly(
            "2025-02-10T15:30:50.123Z", "+012025-01-01T00:00:00Z", "-000043-03-15T12:00:00Z");
    assertThat(DatabaseTime.literal(Instant.MAX)).isEqualTo("infinity");
  }
}
