/** The domain of a mesh's own names. Nobody resolves them: they stand in certificates and are held against them. */
const DOMAIN = 'mesh.assay.internal';

/**
 * What a process is called in its certificate (a DNS name in subjectAltName, RFC 5280 section 4.2.1.6).
 *
 * @param process such as `gateway` or `media`
 */
export function meshNameOf(process: string): string {
  return `${process}.${DOMAIN}`;
}
