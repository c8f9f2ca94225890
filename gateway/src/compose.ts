import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

/**
 * Composes subgraphs into a supergraph (Apollo Federation 2). Used when the code is generated and by tests, never while serving.
 *
 * @param subgraphs SDL by name
 * @throws Error with every reason why they do not fit together
 */
export function composeSupergraph(subgraphs: Readonly<Record<string, string>>): string {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({
    name,
    typeDefs: parse(sdl),
    url: `http://${name}.internal/graphql`,
  }));
  const { errors, supergraphSdl } = composeServices(services);
  if (errors?.length)
    throw new Error(`The subgraphs do not compose:\n${errors.map((error) => `- ${error.message}`).join('\n')}`);
  if (!supergraphSdl) throw new Error('The composition gave nothing.');
  return supergraphSdl;
}
