/** The charts, drawn by Chart.js, which is loaded with the first of them. */
import { h } from './dom.js';
import { clock, count, duration } from './format.js';

const MINUTE = 60_000;
const dark = matchMedia('(prefers-color-scheme: dark)');

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Every minute of the range, those without attempts being zeros. */
function minutes({ since, until, perMinute }) {
  const known = new Map(perMinute.map((minute) => [Date.parse(minute.minute), minute]));
  const all = [];
  for (let at = Date.parse(since); at <= Date.parse(until); at += MINUTE) {
    all.push(known.get(at) ?? { minute: new Date(at).toISOString(), delivered: 0, failed: 0, durationMs: {} });
  }
  return all;
}

/** Gives a minute between minutes without attempts a point, which would else not be seen. */
const alone = ({ dataset, dataIndex: i }) => (dataset.data[i - 1] == null && dataset.data[i + 1] == null ? 3 : 0);

const bar = (label, hue) => ({ label, hue, barPercentage: 0.9, categoryPercentage: 0.95, borderRadius: 2 });
const line = (label, hue) => ({ label, hue, borderWidth: 2, pointRadius: alone, pointHitRadius: 8, tension: 0.25, spanGaps: true });

/** type, its lines or bars, the values of a minute in the same order, and the text for readers who do not see it. */
const KINDS = {
  throughput: {
    type: 'bar',
    sets: [bar('delivered', 'ok-strong'), bar('failed', 'bad-strong')],
    values: (minute) => [minute.delivered, minute.failed],
    unit: count,
    told: (all) => `Attempts per minute: ${count(all.reduce((sum, minute) => sum + minute.delivered, 0))} delivered, `
      + `${count(all.reduce((sum, minute) => sum + minute.failed, 0))} failed.`,
  },
  latency: {
    type: 'line',
    sets: [line('p50', 'accent'), line('p95', 'warn-strong'), line('p99', 'bad-strong')],
    values: ({ durationMs }) => [durationMs.p50 ?? null, durationMs.p95 ?? null, durationMs.p99 ?? null],
    unit: duration,
    told: (all) => {
      const last = all.findLast((minute) => minute.durationMs.p50);
      return last ? `Time to answer in the last minute with attempts: half within ${duration(last.durationMs.p50)}, `
        + `95 % within ${duration(last.durationMs.p95)}, 99 % within ${duration(last.durationMs.p99)}.` : 'No attempts yet.';
    },
  },
};

function options({ type, unit }) {
  const axis = { ticks: { color: color('muted'), maxTicksLimit: 6, maxRotation: 0 }, border: { display: false } };
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: { ...axis, stacked: type === 'bar', grid: { display: false } },
      y: { ...axis, stacked: type === 'bar', beginAtZero: true, grid: { color: color('line') },
        ticks: { ...axis.ticks, precision: 0, callback: (value) => unit(Math.round(value)) } },
    },
    plugins: {
      legend: { align: 'end', labels: { color: color('text'), boxWidth: 10, boxHeight: 10, usePointStyle: true, pointStyle: 'rectRounded' } },
      tooltip: { callbacks: { label: ({ dataset, parsed }) => ` ${dataset.label}: ${unit(parsed.y)}` } },
    },
  };
}

/**
 * A chart that can be given newer numbers.
 *
 * @param kind throughput or latency
 * @param stats the answer of GET /rest/stats
 */
export async function chart(view, kind, title, stats) {
  await import('/console/vendor/chart.umd.min.js');
  const definition = KINDS[kind];
  const canvas = h('canvas', { role: 'img' });
  const node = h('section', { class: 'card chart' }, h('h2', null, title), h('div', { class: 'canvas' }, canvas));
  let drawn = null;
  let latest = stats;

  function update(newer) {
    latest = newer;
    const all = minutes(newer);
    canvas.setAttribute('aria-label', definition.told(all));
    const data = {
      labels: all.map(({ minute }) => clock(minute)),
      datasets: definition.sets.map((set, i) => ({ ...set, backgroundColor: color(set.hue), borderColor: color(set.hue),
        data: all.map((minute) => definition.values(minute)[i]) })),
    };
    if (drawn === null) {
      drawn = new globalThis.Chart(canvas, { type: definition.type, data, options: options(definition) });
    } else {
      drawn.data = data;
      drawn.options = options(definition);
      drawn.update('none');
    }
  }

  const redraw = () => update(latest);
  dark.addEventListener('change', redraw);
  view.signal.addEventListener('abort', () => {
    dark.removeEventListener('change', redraw);
    drawn?.destroy();
  });
  update(stats);
  return { node, update };
}
