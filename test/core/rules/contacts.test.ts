import { expect } from 'chai';
import { Observation } from '../../../src/core/observations.ts';
import type { ConnectionView } from '../../../src/core/views.ts';
import { Contacts, Failure, listed } from '../../../src/core/rules/contacts.ts';

const CONNECTIONS = { flowNumber: (flow: number) => flow + 1 } as ConnectionView;

function seen(packet: number, time: number): Observation {
  return Object.assign(new Observation(), { flow: packet, packet, time });
}

describe('contacts', () => {
  it('counts distinct targets by how they failed, and keeps the evidence', () => {
    const contacts = new Contacts(CONNECTIONS);
    for (let port = 1; port <= 20; port += 1) contacts.fail(7, 9, port, port % 2 === 0 ? Failure.REFUSED : Failure.UNANSWERED, port, seen(port, port));
    for (let port = 1; port <= 20; port += 1) contacts.fail(7, 9, port, Failure.REFUSED, 100, seen(100, 100));
    contacts.succeed(7, 9, 443);
    const [contact] = contacts.all.values();
    expect(contacts.all.size).to.equal(1);
    expect(contact).to.include({ source: 7, other: 9, refused: 10, unanswered: 10, aborted: 0 });
    expect(listed(contact.failed, 3)).to.deep.equal([1, 2, 3]);
    expect(contact.isScan(20)).to.equal(true);
    expect(contact.isScan(21)).to.equal(false);
    expect(contact.packets[0]).to.equal(2);
    expect(contact.flows).to.have.lengthOf(19);
  });

  it('is no scan when as many attempts succeed', () => {
    const contacts = new Contacts(CONNECTIONS);
    for (let port = 1; port <= 20; port += 1) contacts.fail(7, 9, port, Failure.REFUSED, port, seen(port, port));
    for (let port = 100; port < 110; port += 1) contacts.succeed(7, 9, port);
    const [contact] = contacts.all.values();
    expect(contact.isScan(15)).to.equal(false);
  });

  it('tells all ports of a host apart, and two million targets in all; a later scan is found beside them', () => {
    const contacts = new Contacts(CONNECTIONS);
    const observation = seen(1, 1);
    for (let port = 1; port <= 65_535; port += 1) contacts.fail(7, 9, port, Failure.REFUSED, port, observation);
    for (let host = 1; host <= 2_000_000; host += 1) contacts.fail(8, 443, host, Failure.UNANSWERED, host, observation);
    for (let port = 1; port <= 1_000; port += 1) contacts.fail(6, 9, port, Failure.REFUSED, port, observation);
    const found = [...contacts.all.values()].map(({ failed, refused, unanswered, beyond }) => [failed.size, refused, unanswered, beyond]);
    expect(found).to.deep.equal([
      [65_535, 65_535, 0, false],
      [2_000_000 - 65_535, 0, 2_000_000 - 65_535, true],
      [64, 64, 0, true],
    ]);
  });

  it('stays small under a million forged sources, and still finds the scan among them', () => {
    const contacts = new Contacts(CONNECTIONS);
    const observation = seen(1, 1);
    for (let source = 10; source < 1_000_000; source += 1) {
      contacts.fail(source, 5, 443, Failure.UNANSWERED, source, observation);
      if (source % 10_000 === 0) contacts.fail(3, 5, source / 10_000, Failure.REFUSED, source, observation);
    }
    expect(contacts.all.size).to.equal(1);
    expect(contacts.all.values().next().value?.failed.size).to.be.above(90);
  });

  it('remembers who met one target while its table grows', () => {
    const contacts = new Contacts(CONNECTIONS);
    for (let source = 1; source <= 2_000; source += 1) contacts.fail(source, 5, 443, Failure.UNANSWERED, source, seen(source, source));
    for (let source = 1; source <= 2_000; source += 1) contacts.fail(source, 5, 80, Failure.REFUSED, source, seen(source, source));
    // One in ten may have lost its slot to another.
    expect(contacts.all.size).to.be.above(1_800);
    expect(contacts.all.values().next().value).to.include({ other: 5, unanswered: 1, refused: 1 });
  });
});
