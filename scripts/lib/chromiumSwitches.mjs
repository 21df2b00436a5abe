// How every Chromium of this project is started, by tests, benches and pictures alike.

/** Nothing of its own on the network, and no question on the first start. */
export const QUIET_SWITCHES = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The software adapter computes on the processor: WebGPU without a GPU. */
export const SOFTWARE_WEBGPU_SWITCHES = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
