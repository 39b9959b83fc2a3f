'use strict';

// Shows what the server says of the pipeline, again every two seconds while somebody looks.

const EVERY = 2000;
const place = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en');
let drawn = '';
let told = null;

// Whatever comes from the database is put in as text, never as markup.
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function duration(seconds) {
  const parts = [[Math.floor(seconds / 86400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']];
  const first = parts.findIndex(([count]) => count > 0);
  return first < 0 ? '0 s' : parts.slice(first, first + 2).map(([count, unit]) => `${count} ${unit}`).join(' ');
}

function jobs(queue) {
  if (!queue) return [];
  const lost = queue.reserved_without_lease;
  return [[queue.pending, 'pending', ''], [queue.reserved, lost ? `reserved (${number.format(lost)} without a lease)` : 'reserved', 'busy'],
    [queue.error, 'failed', 'failed'], [queue.ignore, 'ignored', '']].filter(([count]) => count > 0);
}

function totals(state) {
  const sum = (pick) => state.tables.reduce((all, table) => all + (pick(table) || 0), 0);
  const shown = [
    ['tables', state.tables.length], ['rows', sum((table) => table.rows)],
    ['keys made', sum((table) => table.done)], ['keys to do', sum((table) => table.remaining)],
    ['jobs reserved', sum((table) => table.jobs && table.jobs.reserved)],
    ['jobs failed', sum((table) => table.jobs && table.jobs.error)],
  ];
  place('totals').replaceChildren(...shown.map(([name, count]) => {
    const box = element('div', name === 'jobs failed' && count > 0 ? 'total failed' : 'total');
    box.append(element('b', '', number.format(count)), element('span', '', name));
    return box;
  }));
}

function tables(state) {
  const rows = state.tables.map((table) => {
    const row = element('tr');
    const cell = (text, className) => row.appendChild(element('td', className, text));
    const rate = state.rates[table.table] || {};
    cell(table.table);
    cell(table.tier);
    cell(table.rows === null ? '?' : number.format(table.rows), 'number');
    const made = cell('');
    if (table.total === 0) {
      made.append(element('span', 'state', 'no keys yet'));
    } else if (table.total !== null) {
      const bar = element('progress');
      bar.max = table.total;
      bar.value = table.done;
      bar.setAttribute('aria-label', `${table.done} of ${table.total}`);
      made.append(bar, ` ${number.format(table.done)} of ${number.format(table.total)}`);
    }
    cell(table.remaining === null ? '' : number.format(table.remaining), 'number');
    cell(rate.per_second === null || rate.per_second === undefined ? '' : rate.per_second.toFixed(1), 'number');
    cell(rate.seconds_left === null || rate.seconds_left === undefined ? '' : duration(rate.seconds_left), 'number');
    const queue = cell('');
    jobs(table.jobs).forEach(([count, name, className], index) => {
      queue.append(index ? ', ' : '', element('span', `state ${className}`, `${number.format(count)} ${name}`));
    });
    return row;
  });
  place('tables').replaceChildren(...rows);
}

function none(text) {
  return element('p', 'none', text);
}

function faults(state) {
  const cards = state.faults.map((fault) => {
    const card = element('div', 'card');
    card.append(element('b', '', `${number.format(fault.count)} ×`), element('span', '', fault.table));
    if (state.may_retry) {
      const again = element('button', '', 'Try again');
      again.addEventListener('click', () => retry(again, fault));
      card.append(again);
    }
    card.append(element('p', 'message', fault.message));
    return card;
  });
  place('faults').replaceChildren(...(cards.length ? cards : [none('No job has failed.')]));
}

async function retry(button, fault) {
  button.disabled = true;
  try {
    const answer = await fetch('retry', {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ table: fault.table, fingerprint: fault.fingerprint }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    await look();
  } catch (error) {
    button.textContent = `Not done: ${error.message}`;
  }
}

function workers(state) {
  const rows = state.tables.flatMap((table) => (table.jobs ? table.jobs.reserved_by : []).map((holder) => {
    const row = element('tr');
    row.append(element('td', '', `${holder.pid} on ${holder.host}`), element('td', '', table.table),
      element('td', 'number', number.format(holder.jobs)), element('td', '', holder.since));
    return row;
  }));
  if (!rows.length) {
    place('workers').replaceChildren(none('Nobody has reserved a job.'));
    return;
  }
  const list = element('table');
  const head = element('thead').appendChild(element('tr'));
  head.append(element('th', '', 'Process'), element('th', '', 'Table'), element('th', 'number', 'Jobs'),
    element('th', '', 'Since, by the server’s clock'));
  const body = element('tbody');
  body.append(...rows);
  list.append(head.parentNode, body);
  const frame = element('div', 'scrolls');
  frame.append(list);
  place('workers').replaceChildren(frame);
}

function findings(state) {
  place('findings-section').hidden = state.findings.length === 0;
  place('findings').replaceChildren(...state.findings.map((finding) => {
    const card = element('div', 'card');
    card.append(element('span', 'state', finding.code), element('p', 'message', `${finding.message}\n${finding.help || ''}`));
    return card;
  }));
}

// The drawing is fetched when there are other tables; the counts are put below its nodes each time.
async function graph(state) {
  const names = state.tables.map((table) => table.table).join('\n');
  if (names !== drawn) {
    const answer = await fetch('graph.svg');
    if (!answer.ok) return;
    const svg = new DOMParser().parseFromString(await answer.text(), 'image/svg+xml').documentElement;
    place('graph').replaceChildren(document.importNode(svg, true));
    drawn = names;
  }
  const nodes = new Map([...place('graph').querySelectorAll('[data-table]')].map((node) => [node.dataset.table, node]));
  for (const table of state.tables) {
    const node = nodes.get(table.table);
    if (!node) continue;
    let count = node.querySelector('.count');
    if (!count) {
      const box = node.getBBox();
      count = document.createElementNS('http://www.w3.org/2000/svg', 'text');
      count.setAttribute('x', box.x + box.width / 2);
      count.setAttribute('y', box.y + box.height + 10);
      count.setAttribute('text-anchor', 'middle');
      node.append(count);
    }
    const failed = table.jobs ? table.jobs.error : 0;
    const busy = table.jobs ? table.jobs.reserved : 0;
    const shown = table.total === null ? `${table.rows === null ? '?' : number.format(table.rows)}`
      : `${number.format(table.done)} / ${number.format(table.total)}`;
    count.textContent = failed ? `${shown} · ${number.format(failed)} failed` : shown;
    const isDone = table.total > 0 && table.remaining === 0;
    count.setAttribute('class', `count ${failed ? 'failed' : busy ? 'busy' : isDone ? 'done' : ''}`);
  }
}

async function look() {
  const when = place('when');
  try {
    const answer = await fetch('state.json');
    const state = await answer.json();
    if (!answer.ok) throw new Error(state.error);
    told = new Date();
    place('title').textContent = state.title || 'No tables yet';
    document.title = `${state.title} – DataJoint`;
    totals(state);
    tables(state);
    faults(state);
    workers(state);
    findings(state);
    await graph(state);
    when.className = '';
    when.textContent = `${state.backend}, read at ${told.toLocaleTimeString()}`;
  } catch (error) {
    when.className = 'lost';
    when.textContent = `${told ? `Not read since ${told.toLocaleTimeString()}` : 'Not read'}: ${error.message}`;
  }
}

async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, EVERY);
}

watch();
