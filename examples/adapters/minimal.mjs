// A whole adapter in plain Node: `node examples/adapters/minimal.mjs`. What it talks to is `your_system.mjs`.
import { createInterface } from 'node:readline';
import { CAN, YourSystem } from './your_system.mjs';

const system = new YourSystem();

const operations = {
  hello: () => ({ protocol: 1, name: 'minimal', can: CAN }),
  reset: () => {
    system.newTickets();
    return { ok: true };
  },
  act: (request) => {
    const refused = system.act(request);
    return refused ? { refused } : { ok: true };
  },
  settle: () => {
    system.waitUntilAllIsDelivered();
    return { ok: true };
  },
  observe: () => ({
    status: system.status,
    tickets: system.tickets,
    notified: system.emailsSinceLastAsked(),
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const operation = operations[request.op] ?? (() => ({ error: `there is no operation ${request.op}` }));
  process.stdout.write(`${JSON.stringify(operation(request))}\n`);
}
