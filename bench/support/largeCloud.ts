// The large estate behind HTTPS, as a custom cloud for code-server: with a network's latency, and when it answered.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workDir } from '../../scripts/processes.mjs';
import type { Settings } from '../../scripts/codeServer.mjs';
import { openHttpsEmulator } from '../../src/emulator/httpsServer.ts';
import { largeEstate } from '../../src/emulator/largeEstate.ts';

const latencyMs = 100;

export interface Answered {
  readonly at: number;
  readonly path: string;
}

export interface LargeCloud {
  readonly settings: Settings;
  /** For the extension host: the authority of the emulator's certificates. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests to Azure Resource Manager that were answered at this time (milliseconds since 1970) or later. */
  answers(since: number): readonly Answered[];
  close(): Promise<void>;
}

export async function openLargeCloud(): Promise<LargeCloud> {
  const answered: Answered[] = [];
  const folder = path.join(workDir, 'bench', 'largeCloud');
  mkdirSync(folder, { recursive: true });
  const certificate = servicePrincipalCertificate(folder);
  const emulator = await openHttpsEmulator({
    estate: largeEstate(),
    clientCertificates: [new X509Certificate(readFileSync(certificate))],
    latencyMs: () => latencyMs,
    // Asked for each request when it is answered.
    faults: {
      take: ({ path }) => {
        answered.push({ at: Date.now(), path });
        return undefined;
      },
      add: () => undefined,
      clear: () => undefined,
    },
  });
  const ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, emulator.caPem);
  return {
    settings: {
      'apimTls.estate': 'azure',
      'apimTls.signIn': 'servicePrincipal',
      'apimTls.servicePrincipal.tenantId': emulator.tenantId,
      'apimTls.servicePrincipal.clientId': emulator.clientId,
      'apimTls.servicePrincipal.certificatePath': certificate,
      'apimTls.cloud': 'custom',
      'apimTls.customCloud.resourceManager': emulator.arm,
      'apimTls.customCloud.authority': emulator.authority,
    },
    env: { NODE_EXTRA_CA_CERTS: ca },
    answers: (since) => answered.filter(({ at }) => at >= since),
    close: () => emulator.close(),
  };
}

/** A key with its certificate in one PEM file, made anew. */
function servicePrincipalCertificate(folder: string): string {
  const [key, certificate, both] = ['key.pem', 'certificate.pem', 'both.pem'].map((name) => path.join(folder, name));
  const files = ['-keyout', key ?? '', '-out', certificate ?? ''];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=bench', ...files], {
    stdio: 'ignore',
  });
  writeFileSync(both ?? '', readFileSync(key ?? '', 'utf8') + readFileSync(certificate ?? '', 'utf8'));
  return both ?? '';
}
