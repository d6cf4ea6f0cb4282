// What an adapter talks to; here two tickets in memory, with notes only, and no approval.
//
// Fill in: calls of your own system, and the names that it has for all this. What it cannot do, leave out of `CAN`:
// what needs it is then not tested, and counted as that.

const MOVES = { // a status action: who takes it, from which statuses, to which
  outsource: ['lead', ['Unsent'], 'Assigned'],
  accept: ['service', ['Assigned'], 'Accepted'],
  start: ['service', ['Accepted'], 'In Progress'],
  complete: ['lead', ['Accepted', 'In Progress'], 'Complete'],
};

export const CAN = ['create note', 'edit note', 'delete note', ...Object.keys(MOVES)];

export class YourSystem {
  constructor() {
    this.newTickets();
  }

  // Forget everything, and begin as Unsent with nothing on the tickets.
  newTickets() {
    this.status = 'Unsent';
    this.tickets = { lead: {}, service: {} };
    this.owner = {};
    this.severed = new Set();
    this.emails = [];
  }

  // Do it, or say why not.
  act({ actor, action, item, kind = 'note', fields = {} }) {
    if (kind !== 'note') return `there is no ${kind} here, only notes`;
    if (['create', 'edit', 'delete'].includes(action)) return this.change(actor, action, item, fields);
    return this.move(actor, action);
  }

  // Nothing is ever under way here.
  waitUntilAllIsDelivered() {}

  // Whom emails went to.
  emailsSinceLastAsked() {
    const { emails } = this;
    this.emails = [];
    return emails;
  }

  // Do a status action, or say why not.
  move(actor, action) {
    const [who, sources, target] = MOVES[action] ?? [null, [], ''];
    if (actor !== who || !sources.includes(this.status)) {
      return `${actor} cannot ${action} while the ticket is ${this.status}`;
    }
    this.status = target;
    this.emails.push('primary contact');
    if (action === 'accept') Object.keys(this.owner).forEach((name) => this.deliver(name));
    return null;
  }

  // Create, edit or delete a note on somebody's ticket, or say why not.
  change(actor, action, name, { text, internal }) {
    const ticket = this.tickets[actor];
    if (actor === 'service' && ['Unsent', 'Assigned'].includes(this.status)) {
      return 'the service partner has no ticket yet';
    }
    if (action === 'create') {
      this.owner[name] = actor;
      ticket[name] = { kind: 'note', text: '', internal_users_only: false };
    } else if (!(name in ticket)) {
      return `${name} is not on the ${actor} partner's ticket`;
    }
    const note = ticket[name];
    note.text = text ?? note.text;
    note.internal_users_only = internal ?? note.internal_users_only;
    if (action === 'delete') delete ticket[name];
    const active = ['Accepted', 'In Progress'].includes(this.status);
    if (this.owner[name] !== actor) this.severed.add(name);
    else if (active && !note.internal_users_only) this.deliver(name);
    return null;
  }

  // Bring the other ticket up to date with a note of its owner's.
  deliver(name) {
    const owner = this.owner[name];
    const copies = this.tickets[owner === 'lead' ? 'service' : 'lead'];
    const original = this.tickets[owner][name];
    if (this.severed.has(name)) return;
    if (!original) delete copies[name];
    else if (name in copies) copies[name].text = original.text;
    else if (!original.internal_users_only) {
      copies[name] = { ...original, internal_users_only: owner === 'service' };
    }
  }
}
