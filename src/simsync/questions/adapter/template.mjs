// An adapter for `simsync conform`: a program that speaks its protocol for a system of yours. It needs nothing but Node.
//
// It runs as it is, with two tickets in memory (`Example`, at the end). Put your system in their place:
//
// 1. Make a class of your own with the methods of `Adapter`, beside `Example` or in another file that imports this one.
// 2. Name it in the last line.
// 3. `simsync conform --sut 'node THIS_FILE' --check-adapter` says what looks wrong; without the last word, it tests.
//
// What this file does for you: requests and answers; what is thrown becomes an answer, and what you print goes to
// standard error; your system's ids become the names that the rules have, copies among them; what was there before a
// reset is left out. `throw new Refused('why')` says that your system does not allow something. Whatever else is thrown
// is a failure. Each method may be async. A child process that inherits standard output still writes there.
import { createInterface } from 'node:readline';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// --- the words of the rules: those who act, what there is, and how the status moves ---
export const PARTNERS = ['a', 'b'];
export const KINDS = { thing: { text: '' } };
export const SHOWS = [['text', 'text', false, null]];
export const TEXTS = { text: 'text' };
export const FIRST = { '': 'open' };
export const MOVES = [['a', 'close', '', 'open', 'closed']];
// --- the end of the words ---

// Your system does not allow what was asked; the message is its reason.
export class Refused extends Error {}

// What your system has to do.
export class Adapter {
  name = 'my system';
  // 'reset_to_status', if `begin` can begin in any status. Actions, if there are no others: 'create note'.
  can = [];
  // What it cannot do: 'delete note', 'settle', 'notified'.
  cannot = [];
  // In which ways `disrupt` can disrupt it.
  disruptions = [];

  // Begin with empty tickets, or with others; what is on them by now is left out from then on. `status` is a text, or
  // an object where there are several machines.
  begin(status) { throw new Error('begin is to be written'); }

  // Make an item on the actor's ticket, and give its id. `item` is the name that the rules have for it.
  create(actor, kind, item, fields) { throw new Error('create is to be written'); }

  // Change what is named in `fields`, on the actor's ticket.
  edit(actor, id, fields) { throw new Error('edit is to be written'); }

  // Delete from the actor's ticket.
  delete(actor, id) { throw new Error('delete is to be written'); }

  // Do an action that is about no item.
  move(actor, action) { throw new Error('move is to be written'); }

  // Wait until all is synchronized.
  wait() {}

  // The status that is shown, or an object with each partner's.
  status() { throw new Error('status is to be written'); }

  // What a partner's ticket shows, the oldest first: {id, shows}, where `shows` has the kind and what else it shows by
  // the names of the rules. How a copy is known to be one, the best way first: `name` is the item's name where your
  // system keeps it for you (`create` is told it: put it into a title, a custom field, an external id); `original` is
  // the id that the item has on the other ticket, where your system says so; else it is guessed by texts and time.
  // `system: true`: the product made it by itself.
  entries(partner) { throw new Error('entries is to be written'); }

  // Who was notified since this was last asked.
  told() { return []; }

  // Disrupt it until all is synchronized; give whether that had any effect.
  disrupt(what) { throw new Error('disrupt is to be written'); }
}

// The names that the rules have for what is on the tickets.
class Naming {
  hidden = new Set();
  named = new Map();
  written = new Map();
  touched = new Set();
  strange = new Set();

  // An item was made on a ticket, and your system calls it so.
  made(partner, item, id) {
    this.named.set(keyOf(partner, id), { partner, id, name: item });
    this.hidden.delete(keyOf(partner, id));
    this.written.set(item, Object.fromEntries(Object.keys(TEXTS).map((shown) => [shown, []])));
  }

  // Something was written into an item.
  wrote(item, fields) {
    this.touched.add(item);
    const written = this.written.get(item);
    for (const [shown, field] of written ? Object.entries(TEXTS) : []) {
      if (field in fields || !written[shown].length) written[shown].push(fields[field] ?? '');
    }
  }

  // Something was deleted from a ticket.
  deleted(partner, id) {
    this.touched.add(this.named.get(keyOf(partner, id))?.name);
    this.named.delete(keyOf(partner, id));
  }

  // What your system calls an item on a partner's ticket.
  idOf(partner, item) {
    return this.on(partner).find(({ name }) => name === item)?.id;
  }

  on(partner) {
    return [...this.named.values()].filter((one) => one.partner === partner);
  }

  // What is shown on each ticket by name. Names are kept from one time to the next.
  read(shown) {
    const tickets = {};
    for (const [partner, items] of Object.entries(shown)) {
      const there = new Set(items.map(({ id }) => String(id)));
      for (const { id } of this.on(partner)) if (!there.has(id)) this.named.delete(keyOf(partner, id));
      const visible = items.filter(({ id }) => !this.hidden.has(keyOf(partner, id)));
      for (const one of visible) {
        const key = keyOf(partner, one.id);
        if (!this.named.has(key)) {
          this.named.set(key, { partner, id: String(one.id), name: this.free(partner, this.nameOf(partner, one)) });
        }
      }
      tickets[partner] = Object.fromEntries(
        visible.map((one) => [this.named.get(keyOf(partner, one.id)).name, said(one)]),
      );
    }
    this.touched = new Set();
    return tickets;
  }

  nameOf(partner, one) {
    if (this.written.has(one.name)) return one.name;
    const original = one.original != null && [...this.named.values()].find(
      (other) => other.partner !== partner && other.id === String(one.original),
    );
    if (original) return original.name;
    return this.guessed(partner, one) ?? this.newName(one);
  }

  // A name for what no action made. On the other ticket it may come, too, and has the same name there.
  newName(one) {
    const name = `unnamed ${one.id}`;
    this.strange.add(name);
    const texts = Object.keys(TEXTS).map((shown) => [shown, [String(one.shows[shown] ?? '')]]);
    this.written.set(name, Object.fromEntries(texts));
    return name;
  }

  // The item that a new entry is likeliest to be: by what it says, by what was done last, by age.
  guessed(partner, one) {
    const here = new Set(this.on(partner).map(({ name }) => name));
    const alive = new Set([...this.named.values()].map(({ name }) => name));
    let best;
    for (const item of one.system ? this.strange : this.written.keys()) {
      const [fit, most] = this.fit(item, one);
      const [missing, touched] = [!here.has(item), this.touched.has(item)];
      if (fit !== most && !(missing && (fit || touched))) continue;
      const back = missing && 3 * fit >= 2 * most;
      const rank = [back, fit, missing, alive.has(item), touched].map(Number);
      if (!best || isHigher(rank, best.rank)) best = { rank, item };
    }
    return best?.item;
  }

  // How well the texts of an entry fit what was written, and how well they could.
  fit(item, one) {
    const texts = Object.keys(TEXTS).filter((shown) => shown in one.shows);
    const each = texts.map((shown) => likeness(String(one.shows[shown]), this.written.get(item)[shown]));
    return [each.reduce((sum, fit) => sum + fit, 0), 3 * texts.length];
  }

  // The name, or one like it where the ticket has that already.
  free(partner, name) {
    const taken = new Set(this.on(partner).map((one) => one.name));
    let [free, number] = [name, 1];
    while (taken.has(free)) free = `${name} (${(number += 1)})`;
    return free;
  }
}

const keyOf = (partner, id) => JSON.stringify([partner, String(id)]);

function isHigher(rank, other) {
  const at = rank.findIndex((value, place) => value !== other[place]);
  return at >= 0 && rank[at] > other[at];
}

// How a text is like what was written: 3 the last, 2 an earlier one, 1 a part of one or around it, 0 not at all.
function likeness(text, written) {
  if (text === written.at(-1)) return 3;
  if (written.includes(text)) return 2;
  const plain = letters(text);
  return Number(written.map(letters).some((other) => plain && other && (plain.includes(other) || other.includes(plain))));
}

// A text without what products change: case, blanks, marks.
const letters = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

// An entry as an answer says it.
const said = ({ shows, system }) => (system ? { ...shows, system: true } : { ...shows });

// Answers requests for an adapter.
class Protocol {
  constructor(adapter) {
    this.adapter = adapter;
    this.names = new Naming();
  }

  operations = {
    hello: () => {
      const { name, can, cannot, disruptions } = this.adapter;
      return { protocol: 1, name, can, cannot, disruptions };
    },
    reset: async ({ status }) => {
      await this.adapter.begin(status);
      await this.adapter.wait();
      await this.adapter.told();
      this.names = new Naming();
      for (const [partner, items] of Object.entries(await this.shown())) {
        for (const { id } of items) this.names.hidden.add(keyOf(partner, id));
      }
      return { ok: true };
    },
    act: async ({ actor, action, item, kind, fields = {} }) => {
      if (item == null) {
        await this.adapter.move(actor, action);
      } else if (action === 'create') {
        this.names.made(actor, item, String(await this.adapter.create(actor, kind, item, fields)));
        this.names.wrote(item, { ...KINDS[kind], ...fields });
      } else {
        const id = await this.id(actor, item);
        if (action === 'edit') {
          await this.adapter.edit(actor, id, fields);
          this.names.wrote(item, fields);
        } else {
          await this.adapter.delete(actor, id);
          this.names.deleted(actor, id);
        }
      }
      return { ok: true };
    },
    settle: async () => {
      await this.adapter.wait();
      return { ok: true };
    },
    observe: async () => {
      const tickets = this.names.read(await this.shown());
      return { status: await this.adapter.status(), tickets, notified: [].concat(await this.adapter.told()) };
    },
    disrupt: async ({ what }) => ({ ok: true, struck: await this.adapter.disrupt(what) }),
  };

  // The answer to any request. What is thrown becomes one, and is printed with where it came from.
  async answer(request) {
    const operation = this.operations[request.op];
    if (!operation) {
      return { error: `there is no op '${request.op}'; there are ${Object.keys(this.operations).join(', ')}` };
    }
    try {
      return await operation(request);
    } catch (error) {
      if (request.op === 'act' && error instanceof Refused) return { refused: error.message || 'refused' };
      console.error(error);
      return { error: lastLine(error) };
    }
  }

  async id(actor, item) {
    if (this.names.idOf(actor, item) === undefined) this.names.read(await this.shown());
    const id = this.names.idOf(actor, item);
    if (id === undefined) throw new Refused(`${item} is not there for ${actor}`);
    return id;
  }

  async shown() {
    const shown = {};
    for (const partner of PARTNERS) shown[partner] = [...(await this.adapter.entries(partner))];
    return shown;
  }
}

// What was thrown, in a line, and where it came from.
function lastLine(error) {
  const place = /\(?([^()\s]*:\d+):\d+\)?$/.exec(error?.stack?.split('\n').find((line) => /^\s+at /.test(line)) ?? '');
  return `${error}${place ? ` (${place[1].split('/').at(-1)})` : ''}`;
}

// Answer each line of standard input with one on standard output, until there are no more.
export async function serve(adapter) {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr); // what you print is no answer
  const protocol = new Protocol(adapter);
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    let answer;
    try {
      answer = await protocol.answer(JSON.parse(line));
    } catch (error) {
      answer = { error: `a request is a line of JSON: ${error.message}` };
    }
    write(`${JSON.stringify(answer)}\n`);
  }
}

// Two tickets in memory. What the owner's shows, the other one does too: no rules yet. Put your system here.
class Example extends Adapter {
  name = 'example';
  can = ['reset_to_status'];
  cannot = ['notified'];
  now = { ...FIRST };
  pairs = []; // each an item: its owner and kind, with its id and its fields on each ticket that has it

  begin(status) {
    this.now = { ...FIRST, ...(typeof status === 'object' ? status : { '': status }) };
    this.pairs = [];
  }

  // Here the item's name is not kept, as most systems have no place for it.
  create(actor, kind, item, fields) {
    const id = `${actor} ${this.pairs.length}`;
    this.pairs.push({ owner: actor, kind, ids: { [actor]: id }, fields: { [actor]: { ...KINDS[kind], ...fields } } });
    return id;
  }

  edit(actor, id, fields) {
    Object.assign(this.find(actor, id).fields[actor], fields);
  }

  delete(actor, id) {
    delete this.find(actor, id).fields[actor];
  }

  find(partner, id) {
    const found = this.pairs.find((pair) => pair.ids[partner] === id && partner in pair.fields);
    if (!found) throw new Refused(`${partner} has no ${id}`);
    return found;
  }

  // As the rules have it, but for their conditions.
  move(actor, action) {
    const ways = MOVES.filter(([who, what, key, at]) => who === actor && what === action && at === this.now[key]);
    if (!ways.length) throw new Refused(`${actor} cannot ${action} now`);
    for (const [, , key, , to] of ways) this.now[key] = to;
  }

  // Let the other ticket show what the owner's does. Your system does that by itself: wait until it has.
  wait() {
    this.pairs.forEach((pair, number) => {
      const other = PARTNERS[Number(pair.owner === PARTNERS[0])];
      pair.ids[other] = `${other} ${number}`;
      delete pair.fields[other];
      if (pair.owner in pair.fields) pair.fields[other] = { ...pair.fields[pair.owner] };
    });
  }

  status() {
    return '' in FIRST ? this.now[''] : this.now;
  }

  entries(partner) {
    return this.pairs.filter((pair) => partner in pair.fields).map(({ ids, kind, fields }) => {
      const shows = { kind };
      for (const [name, field, negated, who] of SHOWS) {
        const value = fields[partner][field];
        if (value !== undefined && (who === null || who === partner)) shows[name] = negated ? !value : value;
      }
      return { id: ids[partner], shows };
    });
  }
}

const isMain = process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url));
if (isMain) await serve(new Example());
