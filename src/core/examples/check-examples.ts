import { Engine } from '../engine.ts';
import type { AuditOptions } from '../options.ts';
import { SEVERITIES } from '../report/report.ts';
import type { Finding, Report } from '../report/report.ts';
import { ConversationError, RuleError } from '../rules/errors.ts';
import { checkRules } from '../rules/extra-rules.ts';
import { RULES } from '../rules/index.ts';
import type { Example, Rule } from '../rules/rule.ts';
import { conversationCapture } from './conversation-capture.ts';

/** The result of one example of a rule. */
export interface ExampleResult {
  title: string;
  expected: 'flagged' | 'clean';
  /** Why it fails, in a sentence; null when it passes. */
  problem: string | null;
}

/** The least length of an explanation (characters). */
const LEAST_EXPLANATION = 60;
/** What a mistake in putting words together leaves behind. */
const SLIP = /undefined|NaN|\[object|Infinity/;

/** The report on a conversation (notation: `rules/conversation.ts`). Throws `ConversationError`, `OptionError`, `RuleError`. */
export function auditConversation(text: string, options: AuditOptions = {}): Report {
  const engine = new Engine(options);
  engine.open('conversation.pcap', null);
  engine.push(conversationCapture(text));
  engine.close();
  return engine.finish();
}

/**
 * Plays each example of a rule through the whole engine, together with all rules of synoptic. A flagged example must give a finding of the
 * rule, with one of its severities and complete words. A clean one must give none above `info`, or none at all if the rule has no higher
 * severity. An example that is malformed, or makes the rule throw, does not pass. Throws `RuleError` if `rule` is malformed.
 */
export function checkExamples(rule: Rule): ExampleResult[] {
  const options = RULES.includes(rule) ? {} : { extraRules: checkRules([rule], RULES) };
  const play = ({ title, conversation }: Example, expected: ExampleResult['expected']): ExampleResult => {
    try {
      const { findings } = auditConversation(conversation, options);
      return { title, expected, problem: expected === 'flagged' ? problemOfFlagged(rule, findings) : problemOfClean(rule, findings) };
    } catch (error) {
      if (error instanceof ConversationError || error instanceof RuleError) return { title, expected, problem: error.message };
      throw error;
    }
  };
  return [...rule.examples.flagged.map((example) => play(example, 'flagged')), ...rule.examples.clean.map((example) => play(example, 'clean'))];
}

function problemOfFlagged(rule: Rule, findings: readonly Finding[]): string | null {
  const own = findings.filter((finding) => finding.rule === rule.id);
  if (own.length === 0) {
    const others = findings.map((finding) => finding.rule).join(', ');
    return `no finding of ${rule.id}${others === '' ? '' : `, but ${others}`}`;
  }
  for (const { severity, explanation, advice, count, first_ns: first, last_ns: last } of own) {
    if (!rule.severities.includes(severity)) return `severity ${severity} is none of ${rule.severities.join(', ')}`;
    if (explanation.length < LEAST_EXPLANATION) return `the explanation says too little: "${explanation}"`;
    if (advice.length === 0) return 'there is no advice';
    const slip = [explanation, ...advice].find((words) => SLIP.test(words));
    if (slip !== undefined) return `a word is missing in "${slip}"`;
    if (!(count > 0) || last < first) return 'the count is not above 0, or the last time is before the first';
  }
  return null;
}

function problemOfClean(rule: Rule, findings: readonly Finding[]): string | null {
  const remarksOnly = rule.severities.every((severity) => severity === SEVERITIES[0]);
  const wrong = findings.find((finding) => finding.rule === rule.id && (remarksOnly || finding.severity !== SEVERITIES[0]));
  return wrong === undefined ? null : `accused all the same: ${wrong.severity}, ${wrong.title}`;
}
