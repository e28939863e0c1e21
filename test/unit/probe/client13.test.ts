// The client of TLS 1.3 against a server in memory: what it believes, and from whom.

import assert from 'node:assert/strict';
import { Client13 } from '../../../src/probe/client13.ts';
import { keyAgreement } from '../../../src/probe/keyShares.ts';
import { establish } from '../../fuzz/servers13.ts';
import { alertBytes, messageOf } from './servers.ts';

const talk = { send: () => undefined, atMost: () => undefined, elapsedMs: 1 };
const encryptedExtensions = messageOf(8, Buffer.alloc(2));
const certificateRequest = messageOf(13, Buffer.from('000008000d000400020403', 'hex'));
const certificate = messageOf(11, Buffer.from('00000006000001300000', 'hex'));

describe('the client of TLS 1.3', () => {
  function settled(): { client: Client13; later: (type: number, body: Buffer) => Buffer } {
    const client = new Client13({ serverName: null, form: 'shares', agreements: keyAgreement });
    const said = Buffer.concat([encryptedExtensions, certificateRequest, certificate]);
    const { flight, later } = establish(client.first, said);
    assert.equal(client.push(flight, talk), undefined);
    assert.equal(client.facts.clientCertificate, 'optional');
    return { client, later };
  }

  it('takes a protected alert for what the server makes of the empty certificate', () => {
    const { client, later } = settled();
    assert.equal(client.push(later(21, Buffer.from([2, 116])), talk), true);
    assert.equal(client.facts.clientCertificate, 'required');
  });

  it('believes no alert in clear, which anybody may have sent', () => {
    const { client } = settled();
    assert.throws(() => client.push(alertBytes(2, 116, 0x0303), talk), /not protected/);
    assert.equal(client.facts.clientCertificate, 'optional');
  });
});
