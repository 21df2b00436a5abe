// The whole model against the reference models of fixtures/, on the backend of this test project.
import { beforeAll, describe, expect, it } from 'vitest';
import { isMoeLayer } from '../config/modelConfig';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy';
import { differentiate, filled, read } from '../kernels/tensor';
import { parameterFrom } from '../checkpoint/dots1';
import { fixtureBatch, meanLoss, relativeError, valueOf } from '../testing/fixtureModel';
import { startTestBackend } from '../testing/startTestBackend';
import { TOLERANCES } from '../testing/tolerances';
import { bindParameters, parameterSpecs } from './parameters';
import { forward } from './transformer';

const { values: VALUES, gradients: GRADIENTS } = TOLERANCES;

beforeAll(startTestBackend);

for (const name of ['tiny-a', 'tiny-b']) {
  describe(`${name} of the fixtures`, () => {
    it('has the reference hidden states, routing, logits and loss', async () => {
      const { config, expected, parameters, routers, positions, ids, targets } = await fixtureBatch(name);
      const pass = forward(ids, bindParameters(config, parameters), positions, routers, config);
      for (const [layer, hidden] of pass.hidden.entries()) {
        expect(relativeError(await read(hidden), expected.get(`hidden.${layer}`)!.values), `hidden.${layer}`).toBeLessThan(
          VALUES,
        );
      }
      const moeLayers = Array.from({ length: config.numHiddenLayers }, (_, layer) => layer).filter((layer) =>
        isMoeLayer(config, layer),
      );
      expect(pass.routings).toHaveLength(moeLayers.length);
      for (const [index, layer] of moeLayers.entries()) {
        const routing = pass.routings[index]!;
        const of = (what: string) => expected.get(`router.${layer}.${what}`)!.values;
        expect([...(await read(routing.chosen))], `chosen of layer ${layer}`).toEqual([...of('chosen')]);
        expect(relativeError(await read(routing.scores), of('scores'))).toBeLessThan(VALUES);
        expect(relativeError(await read(routing.weights), of('weights'))).toBeLessThan(VALUES);
        const margin = (await read(routing.diagnostics)).filter((_, index2) => index2 % 2 === 0);
        expect(relativeError(margin, of('margin'))).toBeLessThan(VALUES);
        expect([...(await read(routing.totals)).slice(0, config.nRoutedExperts)]).toEqual([...of('load')]);
      }
      expect(relativeError(await read(pass.logits), expected.get('logits')!.values)).toBeLessThan(VALUES);
      expect(relativeError(await read(meanLoss(pass.logits, targets)), expected.get('loss')!.values)).toBeLessThan(VALUES);
    });

    it('has the reference gradient of every tensor', async () => {
      const { config, expected, parameters, routers, positions, ids, targets } = await fixtureBatch(name);
      const gradients = differentiate(() => {
        const { logits } = forward(ids, bindParameters(config, parameters), positions, routers, config);
        const losses = crossEntropy(logits, targets);
        return [{ of: losses, gradient: filled(losses.shape, 1 / losses.size) }];
      }, parameters);
      for (const [index, spec] of parameterSpecs(config).entries()) {
        const reference = valueOf(parameterFrom(expected, spec.name, spec.shape, 'grad.'));
        expect(relativeError(await read(gradients[index]!), reference), spec.name).toBeLessThan(GRADIENTS);
      }
    });
  });
}
