// What is wrong with a chain, by certificates that OpenSSL made.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { judgeChain, type JudgeOptions, type KeyTask } from '../../../src/probe/certificate.ts';
import { readCertificate } from '../../../src/probe/certificateFields.ts';
import { nameText } from '../../../src/probe/der.ts';
import { survey } from '../../../src/probe/survey.ts';
import { derOf, openssl, opensslServer, Pki } from './servers.ts';

const day = 86_400_000;
const api = 'subjectAltName=DNS:api.example';

describe('certificates', function () {
  this.timeout(30_000);
  let pki: Pki;
  before(() => {
    pki = new Pki();
    pki.authority('issuing', 'root');
    pki.authority('stranger');
    pki.leaf('sha1root', 'DNS:root.example', undefined, 'rsa:2048', 'sha1');
    pki.leaf('good', 'DNS:api.example,DNS:*.apis.example,IP:10.0.0.4,IP:2001:db8::4', 'issuing');
    pki.leaf('direct', 'DNS:api.example', 'root');
    pki.leaf('foreign', 'DNS:api.example', 'stranger');
    pki.leaf('alone', 'DNS:api.example');
    pki.leaf('short', 'DNS:api.example', 'root', 'rsa:1024');
    pki.leaf('sha1', 'DNS:api.example', 'root', 'rsa:2048', 'sha1');
    pki.leaf('p192', 'DNS:api.example', 'root', 'ec:prime192v1');
    pki.leaf('p224', 'DNS:api.example', 'root', 'ec:secp224r1');
  });
  after(() => pki.remove());

  const findings = (names: readonly string[], changes: Partial<JudgeOptions> = {}): readonly string[] => {
    const chain = names.map((name) => derOf(pki.pem(name)));
    const options = {
      host: 'api.example',
      now: Date.now(),
      expiresSoonDays: 30,
      extraRoots: [pki.pem('root')],
      ...changes,
    };
    return judgeChain(chain, options)?.findings ?? ['unreadable'];
  };

  it('finds nothing wrong with a whole chain, whatever its order and extras', () => {
    assert.deepEqual(findings(['good', 'issuing']), []);
    assert.deepEqual(findings(['good', 'short', 'issuing', 'sha1']), []);
    assert.deepEqual(findings(['direct']), []);
  });

  it('says that a root is sent along, of this chain or another', () => {
    assert.deepEqual(findings(['good', 'issuing', 'root']), ['root-sent']);
    assert.deepEqual(findings(['good', 'root', 'stranger', 'issuing']), ['root-sent']);
    assert.deepEqual(findings(['direct', 'root']), ['root-sent']);
  });

  it('tells a missing intermediate, an unknown root and a self-signed certificate apart', () => {
    assert.deepEqual(findings(['good']), ['incomplete-chain']);
    assert.deepEqual(findings(['good', 'issuing'], { extraRoots: [] }), ['unknown-root']);
    assert.deepEqual(findings(['good', 'issuing', 'root'], { extraRoots: [] }), ['unknown-root', 'root-sent']);
    assert.deepEqual(findings(['foreign', 'stranger']), ['unknown-root', 'root-sent']);
    assert.deepEqual(findings(['alone']), ['self-signed']);
    assert.deepEqual(findings(['alone'], { extraRoots: [pki.pem('alone')] }), []);
  });

  it('says both of a leaf alone that does not tell where its issuer is to be found', () => {
    assert.deepEqual(findings(['good'], { extraRoots: [] }), ['incomplete-chain', 'unknown-root']);
    pki.made('telling', [api, 'authorityInfoAccess=caIssuers;URI:http://ca.example/issuing.cer'], 'issuing');
    pki.made('asking', [api, 'authorityInfoAccess=OCSP;URI:http://ocsp.example'], 'issuing');
    assert.deepEqual(findings(['telling'], { extraRoots: [] }), ['incomplete-chain']);
    assert.deepEqual(findings(['asking'], { extraRoots: [] }), ['incomplete-chain', 'unknown-root']);
  });

  it('takes no certificate for an issuer because of its name alone', () => {
    const impostor = new Pki();
    const extraRoots = [impostor.pem('root')];
    impostor.remove();
    assert.deepEqual(findings(['direct'], { extraRoots }), ['unknown-root']);
    assert.deepEqual(findings(['good', 'issuing'], { extraRoots }), ['unknown-root']);
  });

  it('finds the way through certificates of the same name', () => {
    // The same authority, signed by a root that nobody knows and by one that is known.
    pki.authority('twin', 'stranger');
    pki.leaf('child', 'DNS:api.example', 'twin');
    const subject = ['-subj', '/O=Probe tests/CN=twin', '-addext', 'basicConstraints=critical,CA:TRUE'];
    const keys = ['-key', pki.file('twin.key'), '-CA', pki.file('root.crt'), '-CAkey', pki.file('root.key')];
    openssl('req', '-x509', ...subject, ...keys, '-out', pki.file('known.crt'));
    assert.deepEqual(findings(['child', 'twin', 'known']), []);
    assert.deepEqual(findings(['child', 'known', 'twin']), []);
    assert.deepEqual(findings(['child', 'twin']), ['unknown-root']);
  });

  it('bounds what a chain of a hundred certificates of one name can cost', () => {
    const many = Array.from({ length: 99 }, () => 'issuing');
    assert.deepEqual(findings(['foreign', ...many], { extraRoots: [] }), ['incomplete-chain', 'unknown-root']);
    assert.deepEqual(findings(['good', ...many], { extraRoots: [] }), ['unknown-root']);
  });

  it('knows what a certificate is made out for', () => {
    const wrong = ['wrong-key-usage'];
    const judged = (extensions: readonly string[], tasks: readonly KeyTask[] = [], key = 'rsa:2048') => {
      pki.made('used', [api, ...extensions], 'root', key);
      return findings(['used'], { tasks });
    };
    assert.deepEqual(judged(['extendedKeyUsage=clientAuth']), wrong);
    assert.deepEqual(judged(['extendedKeyUsage=clientAuth,serverAuth']), []);
    assert.deepEqual(judged(['extendedKeyUsage=anyExtendedKeyUsage']), []);
    assert.deepEqual(judged(['keyUsage=keyCertSign']), wrong);
    assert.deepEqual(judged(['keyUsage=keyEncipherment']), []);
    assert.deepEqual(judged(['keyUsage=keyEncipherment'], ['sign']), wrong);
    assert.deepEqual(judged(['keyUsage=keyEncipherment'], ['decrypt']), []);
    assert.deepEqual(judged(['keyUsage=digitalSignature'], ['sign', 'decrypt']), wrong);
    assert.deepEqual(judged(['keyUsage=digitalSignature,keyEncipherment'], ['sign', 'decrypt']), []);
    assert.deepEqual(judged(['keyUsage=digitalSignature'], ['agree'], 'ec:P-256'), wrong);
    assert.deepEqual(judged(['keyUsage=keyAgreement,decipherOnly'], ['agree'], 'ec:P-256'), []);
    assert.deepEqual(judged([], ['sign', 'decrypt']), []);
  });

  it('knows who may issue', () => {
    const wrong = ['wrong-key-usage'];
    const judged = (extensions: readonly string[]) => {
      pki.made('issuer', extensions, 'root');
      pki.leaf('issuee', 'DNS:api.example', 'issuer');
      return findings(['issuee', 'issuer']);
    };
    assert.deepEqual(judged(['basicConstraints=CA:TRUE', 'keyUsage=keyCertSign,cRLSign']), []);
    assert.deepEqual(judged(['basicConstraints=CA:TRUE', 'keyUsage=digitalSignature']), wrong);
    assert.deepEqual(judged(['basicConstraints=CA:FALSE']), wrong);
    assert.deepEqual(judged(['extendedKeyUsage=serverAuth']), wrong);
    assert.deepEqual(judged(['basicConstraints=CA:TRUE', 'extendedKeyUsage=emailProtection']), wrong);
    assert.deepEqual(judged(['basicConstraints=CA:TRUE', 'extendedKeyUsage=serverAuth']), []);
  });

  it('tells which chain each set of roots makes', () => {
    const chain = ['good', 'issuing', 'root'].map((name) => derOf(pki.pem(name)));
    const judged = (extraRoots: readonly string[]) =>
      judgeChain(chain, { host: 'api.example', now: Date.now(), expiresSoonDays: 30, extraRoots })?.trust;
    const path = ['CN=good, O=Probe tests', 'CN=issuing, O=Probe tests', 'CN=root, O=Probe tests'];
    const known = { trusted: 'yes', path };
    assert.deepEqual(judged([pki.pem('root')]), { machine: known, mozilla: known });
    assert.equal(judged([])?.mozilla.trusted, 'no');
    assert.deepEqual(judged([])?.mozilla.path, path);
  });

  it('knows the dates', () => {
    const end = Date.parse(new X509Certificate(pki.pem('direct')).validTo);
    assert.deepEqual(findings(['direct'], { now: end + 1000 }), ['expired']);
    assert.deepEqual(findings(['direct'], { now: end - 29 * day }), ['expires-soon']);
    assert.deepEqual(findings(['direct'], { now: end - 31 * day }), []);
    assert.deepEqual(findings(['direct'], { now: end - 31 * day, expiresSoonDays: 60 }), ['expires-soon']);
    assert.deepEqual(findings(['direct'], { now: Date.now() - day }), ['not-yet-valid']);
  });

  it('knows which hosts a certificate covers', () => {
    const covered = ['API.example', 'api.example.', 'x.apis.example', '10.0.0.4', '2001:DB8:0::4'];
    const strangers = ['example', 'y.api.example', 'a.b.apis.example', 'apis.example', '10.0.0.5', '::1', 'good'];
    for (const host of covered) assert.deepEqual(findings(['good', 'issuing'], { host }), [], host);
    for (const host of strangers) assert.deepEqual(findings(['good', 'issuing'], { host }), ['name-mismatch'], host);
  });

  it('compares names of other scripts in their ASCII form', () => {
    pki.leaf('script', 'DNS:xn--bcher-kva.example,DNS:*.xn--bcher-kva.example', 'root');
    for (const host of ['xn--bcher-kva.example', 'bücher.example', 'BÜCHER.example', 'www.bücher.example'])
      assert.deepEqual(findings(['script'], { host }), [], host);
    assert.deepEqual(findings(['script'], { host: 'bucher.example' }), ['name-mismatch']);
  });

  it('takes the common name only where there is no alternative name', () => {
    pki.made('named.example', ['basicConstraints=CA:FALSE'], 'root');
    pki.made('mailed.example', ['subjectAltName=email:someone@named.example'], 'root');
    assert.deepEqual(findings(['named.example'], { host: 'named.example' }), []);
    assert.deepEqual(findings(['named.example'], { host: 'other.example' }), ['name-mismatch']);
    assert.deepEqual(findings(['mailed.example'], { host: 'mailed.example' }), ['name-mismatch']);
    assert.deepEqual(findings(['good', 'issuing'], { host: 'good' }), ['name-mismatch']);
  });

  it('finds weak keys and weak signatures', () => {
    assert.deepEqual(findings(['short']), ['weak-key']);
    assert.deepEqual(findings(['p192']), ['weak-key']);
    assert.deepEqual(findings(['p224']), []);
    assert.deepEqual(findings(['sha1']), ['weak-signature']);
    pki.leaf('md5', 'DNS:api.example', 'sha1root', 'rsa:2048', 'md5');
    // What a root says of itself is signed by itself: its digest does not matter.
    assert.deepEqual(findings(['md5'], { extraRoots: [pki.pem('sha1root')] }), ['weak-signature']);
    pki.leaf('sound', 'DNS:api.example', 'sha1root');
    assert.deepEqual(findings(['sound', 'sha1root'], { extraRoots: [pki.pem('sha1root')] }), ['root-sent']);
  });

  it('says so when the leaf cannot be read', () => {
    const rest = derOf(pki.pem('issuing'));
    const options = { host: 'api.example', now: 0, expiresSoonDays: 30, extraRoots: [] };
    assert.equal(judgeChain([Buffer.from('rubbish'), rest], options), null);
    assert.equal(judgeChain([], options), null);
  });

  it('reads what OpenSSL reads, for every root certificate of the runtime', () => {
    assert.ok(rootCertificates.length > 50);
    for (const pem of [...rootCertificates, pki.pem('good'), pki.pem('short'), pki.pem('sha1')]) {
      const fields = readCertificate(derOf(pem));
      const truth = new X509Certificate(pem);
      assert.ok(fields, truth.subject);
      assert.equal(fields.from, Date.parse(truth.validFrom));
      assert.equal(fields.to, Date.parse(truth.validTo));
      assert.equal(fields.sha256, truth.fingerprint256.replaceAll(':', '').toLowerCase());
      const details = truth.publicKey.asymmetricKeyDetails;
      if (truth.publicKey.asymmetricKeyType === 'rsa') assert.equal(fields.keyBits, details?.modulusLength);
      if (details?.namedCurve === 'secp384r1') assert.deepEqual([fields.keyType, fields.keyBits], ['EC P-384', 384]);
      assert.equal(fields.weakSignature, /sha1|md5/i.test(truth.signatureAlgorithm ?? ''));
      const common = /(?:^|\n)CN=([ -~]+)$/.exec(truth.subject)?.[1];
      if (common !== undefined && !/[,+"\\<>;=]/.test(common))
        assert.ok(fields.subject.startsWith(`CN=${common}`), fields.subject);
    }
    assert.deepEqual(readCertificate(derOf(pki.pem('good')))?.names, [
      'api.example',
      '*.apis.example',
      '10.0.0.4',
      '2001:db8::4',
    ]);
  });

  it('escapes what a name may carry', () => {
    // SEQUENCE { SET { SEQUENCE { commonName, UTF8String "a," ESC "[31mb" } } }
    assert.equal(nameText(Buffer.from('3013311130' + '0f06035504030c08612c1b5b33316d62', 'hex')), 'CN=a\\,\\1b[31mb');
  });

  it('arrives with a survey', async () => {
    const chain = pki.bundle('chain.pem', 'issuing');
    const server = await opensslServer([...pki.args('good'), '-cert_chain', chain]);
    const route = () => ({ address: '127.0.0.1', port: server.endpoint.port });
    const options = { route, extraRoots: [pki.pem('root')] };
    const fine = await survey({ host: 'x.apis.example', port: 443 }, null, options);
    const late = await survey({ host: 'api.example', port: 443 }, null, {
      ...options,
      now: () => Date.now() + 365 * day,
    });
    const wrong = await survey({ host: 'wrong.example', port: 443 }, null, { ...options, expiresSoonDays: 200 });
    await server.stop();
    assert.deepEqual(fine.certificate?.findings, []);
    assert.deepEqual(
      fine.certificate?.chain.map(({ subject }) => subject),
      ['CN=good, O=Probe tests', 'CN=issuing, O=Probe tests'],
    );
    assert.deepEqual(late.certificate?.findings, ['expired']);
    assert.deepEqual(wrong.certificate?.findings, ['expires-soon', 'name-mismatch']);
  });
});
