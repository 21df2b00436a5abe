// Which version of the product this is: part of a run's identity.
import { version } from '../../package.json';

export const BUILD = version;
