// As many bytes as a NetGear header.
const HEADER_BYTES = 256

/** A socket that encrypts if `curve` is given; throws if it says that it does not, as zeromq may drop that option without a word. */
exports.openSocket = (Socket, options, curve) => {
  const socket = new Socket({ linger: 0, ...options, ...curve })
  if (curve && socket.securityMechanism !== 'curve') throw new Error('The link is not encrypted.')
  return socket
}

exports.headerWith = (offeredAt) => {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeDoubleLE(offeredAt)
  return header
}

exports.offeredAt = (header) => header.readDoubleLE()
