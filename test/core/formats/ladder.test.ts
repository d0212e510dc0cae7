import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { LADDER_FORMATS } from '../../../src/core/formats/index.ts';
import { PLAIN } from '../../../src/core/formats/format.ts';
import { ladderSvg, xmlText } from '../../../src/core/formats/ladder-svg.ts';
import { ladderText } from '../../../src/core/formats/ladder-text.ts';
import type { Ladder } from '../../../src/core/index.ts';
import { fixtureCapture, fixtureNames } from '../../support/fixtures.ts';
import { ladderOf } from '../../support/ladder.ts';
import { sampleReport } from '../../support/sample-report.ts';
import { parseXml } from './xml.ts';

/** From dist/test/core/formats. */
const GOLDEN = new URL('../../../../test/core/formats/golden/', import.meta.url);
const HOSTILE = `</text><script>alert("1")</script>&amp;'\u001b[2J\u202e\uffff`;

function text(ladder: Ladder, width: number): string {
  return [...ladderText.render(ladder, { ...PLAIN, width })].join('');
}

function svg(ladder: Ladder, width = 100): string {
  return [...ladderSvg.render(ladder, { ...PLAIN, width })].join('');
}

/** Rules speak for themselves, elsewhere: these are pictures of packets and states. */
function drawn(fixture: string): Ladder {
  return { ...ladderOf(fixtureCapture(fixture), 1), findings: [] };
}

/** A ladder in which all that can hold text from outside is hostile. */
function hostile(): Ladder {
  const { findings } = sampleReport();
  const ladder = drawn('last-ack-lost');
  return {
    ...ladder,
    flow: { ...ladder.flow, client: HOSTILE, server: HOSTILE },
    findings: findings.map((finding, index) => ({
      number: index + 1,
      certain: index === 0,
      finding: { ...finding, title: HOSTILE, explanation: HOSTILE, doubts: [HOSTILE], advice: [HOSTILE], facts: { server: HOSTILE } },
      settled_by: [HOSTILE],
    })),
  };
}

describe('a ladder as text', () => {
  // The numbers of the golden ladders are those of tshark -T fields -e tcp.seq -e tcp.ack -e tcp.len -e tcp.window_size_value.
  for (const fixture of ['last-ack-lost', 'open-third-ack-lost', 'zero-window']) {
    for (const width of [80, 120]) {
      it(`of ${fixture} in ${width} columns is as drawn before`, () => {
        expect(text(drawn(fixture), width)).to.equal(readFileSync(new URL(`${fixture}-${width}.txt`, GOLDEN), 'utf8'));
      });
    }
  }

  it('is in docs/explain.md as it is drawn', () => {
    const page = readFileSync(new URL('../../../../docs/explain.md', import.meta.url), 'utf8');
    const [, example] = /```\n\$ synoptic explain --flow 1 --width 88 fixtures\/open-third-ack-lost\/capture\.pcap\n([^]*?)```/.exec(page) ?? [];
    expect(`${example}\nNo finding concerns this connection.\n`).to.equal(text(drawn('open-third-ack-lost'), 88));
  });

  it('keeps to its width, with margins and without', () => {
    for (const fixture of fixtureNames) {
      const ladder = drawn(fixture);
      for (const width of [48, 71, 72, 80, 200]) {
        for (const line of text(ladder, width).split('\n')) expect(line.length, `${fixture} in ${width}: ${line}`).to.be.at.most(width);
      }
    }
  });

  it('says below seventy-two columns all that it says in the margins', () => {
    const narrow = text(drawn('last-ack-lost'), 60).replaceAll(/\n +/g, ' ');
    expect(narrow).to.include('0.370962 #12 ← FIN ACK seq 201 ack 202 win 64 [retransmission]');
    for (const states of ['client SYN_SENT, server SYN_RECEIVED', 'client TIME_WAIT, server LAST_ACK']) expect(narrow).to.include(states);
  });

  it('shows why each finding was raised, what else may explain it and what would settle it', () => {
    const [first] = sampleReport().findings;
    const ladder = { ...drawn('last-ack-lost'), findings: [{ number: 4, certain: true, finding: { ...first, doubts: ['Another cause.'] }, settled_by: ['A better capture.'] }] };
    const below = text(ladder, 100).split('\n\n').slice(2).join('\n\n');
    expect(below).to.include(`finding 4 · ${first.rule}`).and.to.match(/Doubts +Another cause\./).and.to.match(/Settle by +A better capture\./);
    for (const reference of first.references) expect(below).to.include(reference);
  });

  it('lets no control character through', () => {
    // eslint-disable-next-line no-control-regex
    expect(text(hostile(), 100)).not.to.match(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe('a ladder as SVG', () => {
  it('is well-formed, and drawn within its frame', () => {
    for (const fixture of ['last-ack-lost', 'zero-window', 'open-self-connect', 'open-rejected-icmp', 'mirror-duplicates']) {
      for (const width of [40, 100, 180]) {
        const [root, ...elements] = parseXml(svg(ladderOf(fixtureCapture(fixture), 1), width));
        expect([root.name, root.attributes.get('xmlns')]).to.deep.equal(['svg', 'http://www.w3.org/2000/svg']);
        const [across, down] = ['width', 'height'].map((name) => Number(root.attributes.get(name)));
        for (const { name, attributes } of elements) {
          if (attributes.get('width') === '100%') continue;
          for (const [key, value] of attributes) {
            if (/^[xy]\d?$/.test(key)) expect(Number(value), `${fixture} ${name} ${key}`).to.be.within(0, key.startsWith('x') ? across : down);
          }
        }
      }
    }
  });

  it('has an arrow for every packet drawn, and every state by name', () => {
    const ladder = drawn('last-ack-lost');
    const elements = parseXml(svg(ladder));
    expect(elements.filter(({ name }) => name === 'polygon')).to.have.length(13);
    const words = elements.filter(({ name }) => name === 'text').map((element) => element.text);
    expect(words).to.include.members(['SYN_SENT', 'SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1', 'CLOSE_WAIT', 'TIME_WAIT', '#13', 'retransmission', '212 ms later']);
  });

  it('fetches nothing and runs nothing', () => {
    const picture = svg(hostile());
    const names = new Set(parseXml(picture).map(({ name }) => name));
    expect([...names].sort()).to.deep.equal(['g', 'line', 'polygon', 'rect', 'style', 'svg', 'text', 'title']);
    expect(picture.replace('http://www.w3.org/2000/svg', '')).not.to.match(/https?:|url\(|@import|\bon\w+=/);
  });

  it('has colours for dark pages', () => {
    expect(svg(drawn('last-ack-lost'))).to.include('@media (prefers-color-scheme: dark)');
  });

  it('shows hostile names as text', () => {
    expect(xmlText(HOSTILE)).to.equal('&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;\\x1b[2J\\u{202e}\ufffd');
    expect(parseXml(svg(hostile())).find(({ name }) => name === 'title')?.text).to.include('<script>alert("1")</script>');
  });
});

describe('a ladder as JSON', () => {
  it('is the ladder', () => {
    const ladder = drawn('last-ack-lost');
    const format = LADDER_FORMATS.find(({ name }) => name === 'json');
    const parsed = JSON.parse([...(format?.render(ladder, PLAIN) ?? [])].join('')) as Ladder;
    expect(Object.keys(parsed)).to.deep.equal(['schema', 'flow', 'steps', 'copies', 'findings']);
    expect(parsed.schema).to.equal('synoptic-ladder/1');
    expect(parsed.steps).to.have.length(13);
    expect(Object.keys(parsed.steps[0])).to.deep.equal(
      ['kind', 't_ns', 'seconds', 'gap_seconds', 'client', 'server', 'packet', 'from', 'flags', 'seq', 'ack', 'len', 'win', 'labels']);
  });
});
