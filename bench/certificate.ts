import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Makes a self-signed certificate for localhost with openssl; gives the paths of its two PEM files. */
export function selfSignedCertificate(folder: string): { certificate: string; key: string } {
  const certificate = join(folder, 'certificate.pem')
  const key = join(folder, 'key.pem')
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, '-days', '2', '-out', certificate, '-keyout', key], {
    stdio: 'ignore',
  })
  return { certificate, key }
}
