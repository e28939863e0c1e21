import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createAuthority, ecKey, rsaKey } from '../../../src/emulator/certificate.ts';
import { objectId, time } from '../../../src/emulator/derWriter.ts';

const now = Date.UTC(2026, 10, 20);
const day = 24 * 3_600_000;

describe('sample certificates', () => {
  it('are read and verified by node:crypto, EC and RSA', async () => {
    const authority = createAuthority(await ecKey(), now);
    const root = new X509Certificate(authority.pem);
    assert.ok(root.ca && root.verify(root.publicKey));
    for (const key of [await ecKey(), await rsaKey()]) {
      const names = ['api.contoso.example', '*.dev.contoso.example'];
      const leaf = new X509Certificate(
        authority.issue({ names, key, notBefore: now - day, notAfter: now + 40 * 365 * day }).pem,
      );
      assert.ok(
        !leaf.ca && leaf.checkIssued(root) && leaf.verify(root.publicKey) && leaf.checkPrivateKey(key.privateKey),
      );
      assert.equal(leaf.checkHost('x.dev.contoso.example'), '*.dev.contoso.example');
      assert.equal(leaf.checkHost('api.fabrikam.example'), undefined);
      assert.deepEqual([leaf.validFromDate.getTime(), leaf.validToDate.getTime()], [now - day, now + 40 * 365 * day]);
    }
  });

  it('can be self-signed, and never share a serial number', async () => {
    const authority = createAuthority(await ecKey(), now);
    const wish = { names: ['a.example'], key: await ecKey(), notBefore: now, notAfter: now + day };
    const leaf = new X509Certificate(authority.issue({ ...wish, selfSigned: true }).pem);
    assert.ok(leaf.verify(leaf.publicKey));
    assert.equal(leaf.issuer, leaf.subject);
    const serials = new Set(
      Array.from({ length: 50 }, () => new X509Certificate(authority.issue(wish).pem).serialNumber),
    );
    assert.equal(serials.size, 50);
  });

  it('write object ids and times as X.690 has them', () => {
    assert.equal(objectId('1.2.840.113549').toString('hex'), '06062a864886f70d');
    assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1', 2), '491231235959Z');
    assert.equal(time(Date.UTC(2050, 0, 1)).toString('latin1', 2), '20500101000000Z');
  });
});
