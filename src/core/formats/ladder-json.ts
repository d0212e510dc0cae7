import type { LadderFormat } from './format.ts';
import { prettyJson } from './json-writer.ts';

/** The ladder as one JSON object: `Ladder` of `report/ladder.ts`. */
export const ladderJson: LadderFormat = {
  name: 'json',
  extension: 'json',
  summary: 'the steps and the findings as one JSON object',
  *render(ladder) {
    yield prettyJson(ladder);
    yield '\n';
  },
};
