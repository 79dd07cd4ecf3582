/** What is filled into the generated Python programs. All of it is checked before it gets here. */
export interface ProgramSettings {
  peerName: string
  /** Host name or IPv4 address of the machine that runs Node-RED, as the peer sees it. */
  address: string
  port: number
  /** NetGear's number: 0 pair, 1 request/reply, 2 publish/subscribe. */
  pattern: 0 | 1 | 2
  /** NetGear's number: 1 StoneHouse, 2 IronHouse. */
  secureMode: 1 | 2
}

/** A text as a Python string literal: JSON's escapes are all Python's too. */
export function pythonString(text: string): string {
  return JSON.stringify(text)
}

/** The settings at the head of every program. */
export function pythonSettings({ peerName, address, port, pattern, secureMode }: ProgramSettings): string {
  return `NAME = ${pythonString(peerName)}
NODE_RED = ${pythonString(address)}  # the machine that runs Node-RED
PORT = ${port}
PATTERN = ${pattern}  # 0 pair, 1 request/reply, 2 publish/subscribe: as in the node
SECURE_MODE = ${secureMode}  # 1 StoneHouse, 2 IronHouse
HERE = os.path.dirname(os.path.abspath(__file__))`
}
