/** Colours by use, for light and for dark surroundings. */
const LIGHT = {
  ground: '#ffffff',
  ink: '#1c2128',
  quiet: '#656d76',
  faint: '#e4e7eb',
  process: '#c3d5ea',
  'process-edge': '#7d9cc0',
  healthy: '#2a7d46',
  ready: '#bfe5c8',
  'ready-ink': '#14532d',
  unhealthy: '#b45309',
  unanswered: '#c81e1e',
  prober: '#7c3aed',
  cause: '#c2083c',
  'cause-ground': '#fdecf0',
  draining: '#0e7490',
  stopping: '#b45309',
  killing: '#c81e1e',
};

const DARK: typeof LIGHT = {
  ground: '#0f1318',
  ink: '#e4e8ee',
  quiet: '#98a2ae',
  faint: '#252b33',
  process: '#2b4463',
  'process-edge': '#5f86b3',
  healthy: '#5fd38a',
  ready: '#1f4d2f',
  'ready-ink': '#b9f2cb',
  unhealthy: '#fbbf24',
  unanswered: '#ff7b72',
  prober: '#c4a7ff',
  cause: '#ff5c8a',
  'cause-ground': '#2d1720',
  draining: '#39b6d2',
  stopping: '#f0a03c',
  killing: '#ff6b61',
};

/** The colours as CSS variables of one class of elements. */
export function palette(selector: string): string {
  return `${selector}{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){${selector}{${variables(DARK)}}}`;
}

/** How a picture looks. Every rule is of its class, so that a page around it is left as it is. */
export const PICTURE_STYLE = [
  palette('.dps'),
  '.dps text{font:11px system-ui,sans-serif;fill:var(--ink)}',
  '.dps .paper{fill:var(--ground)}',
  '.dps .title{font-size:17px;font-weight:600}',
  '.dps .outcome{font-size:13px}',
  '.dps .note,.dps .unit,.dps .tick,.dps .legend text,.dps .left{fill:var(--quiet)}',
  '.dps .name{text-anchor:end}',
  '.dps .tick,.dps .in-band{text-anchor:middle}',
  '.dps .grid{stroke:var(--faint);fill:none}',
  '.dps .ground{fill:none;stroke:var(--faint)}',
  '.dps .blamed.ground{fill:var(--cause-ground);stroke:none}',
  '.dps .blamed .name,.dps .blamed .left{fill:var(--cause);font-weight:600}',
  '.dps .process{fill:var(--process);stroke:var(--process-edge);stroke-width:.75}',
  '.dps .outlived{fill:none;stroke:var(--process-edge);stroke-dasharray:3 2}',
  '.dps .healthy{fill:var(--healthy);stroke:transparent;stroke-width:8}',
  '.dps .healthy.run{fill:none;stroke:var(--healthy);stroke-width:2.4;stroke-linecap:round;opacity:.75}',
  '.dps .unhealthy{fill:var(--unhealthy);stroke:var(--ground);stroke-width:.75}',
  '.dps .unanswered{fill:none;stroke:var(--unanswered);stroke-width:1.8;stroke-linecap:round}',
  '.dps .prober-fault{fill:var(--ground);stroke:var(--prober);stroke-width:1.5}',
  '.dps .start-failed{fill:var(--ground);stroke:var(--unanswered);stroke-width:1.6}',
  '.dps .exited{fill:none;stroke:var(--ink);stroke-width:3}',
  '.dps .cleared{fill:none;stroke:var(--ink);stroke-width:1.2}',
  '.dps .signalled{fill:var(--ground);stroke:var(--ink);stroke-width:1.2}',
  '.dps .killed{fill:var(--killing);stroke:var(--killing);stroke-width:1.4}',
  '.dps .consequence:not(.killed,.signalled){opacity:.5}',
  '.dps .ring{fill:none;stroke:var(--cause);stroke-width:2.4}',
  '.dps .flag{fill:var(--ink);stroke:var(--ink)}',
  '.dps .ready{fill:var(--ready)}',
  '.dps .unready{fill:var(--faint)}',
  '.dps .ready+.in-band{fill:var(--ready-ink)}',
  '.dps .shade{opacity:.11}',
  '.dps .window{opacity:.4}',
  ...['draining', 'stopping', 'killing'].map((phase) => `.dps .${phase}{fill:var(--${phase})}`),
  '.dps .line{fill:none;stroke:var(--quiet);stroke-width:1.2}',
  '.dps .line.cause{stroke:var(--cause);stroke-width:1.6}',
  '.dps .line.deadline{stroke:var(--stopping);stroke-dasharray:5 4}',
  '.dps .callout,.dps .tick{paint-order:stroke;stroke:var(--ground);stroke-width:4;stroke-linejoin:round}',
  '.dps .callout{font-size:12px}',
  '.dps .callout.cause{fill:var(--cause);font-weight:600}',
  '.dps .callout.deadline{fill:var(--stopping)}',
].join('\n');

/** How the page around the pictures looks. */
export const PAGE_STYLE = [
  palette('.page'),
  '.page{font:14px/1.5 system-ui,sans-serif;margin:24px;background:var(--ground);color:var(--ink)}',
  'h1{font-size:22px;margin:0 0 12px}h2{font-size:17px;margin:28px 0 8px}',
  'dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0 0 16px}',
  'dt,figcaption{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}',
  'figure{margin:0 0 24px;overflow-x:auto}figcaption{font-size:12px}',
  'figure svg{display:block;width:100%;min-width:900px;max-width:1600px;height:auto}',
  'table{border-collapse:collapse;font-variant-numeric:tabular-nums}',
  'th,td{text-align:left;vertical-align:top;padding:3px 20px 3px 0;border-bottom:1px solid var(--faint)}',
  'td{overflow-wrap:anywhere}td:first-child,td:last-child{white-space:nowrap}td:nth-child(2){min-width:7em}th{color:var(--quiet);font-weight:400}',
  '.page tr.cause{color:var(--cause);font-weight:600}.page tr.consequence{color:var(--quiet)}',
].join('\n');

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}
