// Instances as Azure gives them, with the locks of their tiers that the operator's settings open.

import type { CustomProperties, Instance } from '../core/instance.ts';
import type { Azure, EstateReading } from './access.ts';

/** @param opener gives what adds to instances what the settings say at that moment; called once for each answer */
export function withOpenLocks<A extends Azure>(azure: A, opener: () => (instance: Instance) => Instance): A {
  const open = (instance: Instance) => opener()(instance);
  const opened = (reading: EstateReading) => ({ ...reading, instances: reading.instances.map(opener()) });
  return {
    ...azure,
    readEstate: async (options = {}) => {
      const { onPage } = options;
      return opened(await azure.readEstate(onPage ? { ...options, onPage: (page) => onPage(opened(page)) } : options));
    },
    readSubscription: async (...call: Parameters<Azure['readSubscription']>) =>
      (await azure.readSubscription(...call)).map(opener()),
    readInstance: async (...call: Parameters<Azure['readInstance']>) => open(await azure.readInstance(...call)),
    beginUpdate: async (id: string, map: CustomProperties, options) => {
      const start = await azure.beginUpdate(id, map, options);
      return start.kind === 'done' ? { ...start, instance: open(start.instance) } : start;
    },
    followUpdate: async (...call: Parameters<Azure['followUpdate']>) => open(await azure.followUpdate(...call)),
  };
}
