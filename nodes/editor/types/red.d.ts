// What these editor halves use of Node-RED's editor, typed as Node-RED 4.1 and 5 have it.
// @types/node-red lacks the second argument of validators, message strings from them, and autoComplete.

type Translate = (key: string, values?: Record<string, string | number>) => string

/** A node as the editor holds it. Nodes saved by older versions lack properties, and `${ENV}` may stand in any of them. */
type EditorNode<Options> = { [Property in keyof Options]?: unknown } & {
  readonly id: string
  readonly type: string
  readonly valid?: boolean
  readonly _: Translate
}

interface NodeProperty<Value, Options> {
  value: Value
  /** Type of the configuration node that this property refers to. */
  type?: string
  required?: boolean
  /** Must declare both parameters: Node-RED counts them before it takes a text for an answer. */
  validate?: (this: EditorNode<Options>, value: unknown, context: unknown) => true | string
}

/** The `defaults` of a node type: exactly the properties that its runtime half knows. */
type NodeProperties<Options> = {
  [Property in keyof Required<Options>]: NodeProperty<Options[Property], Options>
}

interface CredentialDefinition {
  type: 'text' | 'password'
  validate?: (value: unknown, context: unknown) => true | string
}

interface NodeDefinition<Options, Credentials> {
  category: string
  color: string
  defaults: NodeProperties<Options>
  credentials?: { [Name in keyof Required<Credentials>]: CredentialDefinition }
  inputs?: 0 | 1
  outputs?: number
  icon: string
  align?: 'left' | 'right'
  /** `this` is the definition, with the node's catalogue. */
  paletteLabel: (this: { _: Translate }) => string
  label: (this: EditorNode<Options>) => string
  labelStyle?: (this: EditorNode<Options>) => string
  inputLabels?: (this: EditorNode<Options>) => string
  outputLabels?: (this: EditorNode<Options>, index: number) => string
  /** Called when the type joins the palette; `this` as for its label there. */
  onpaletteadd?: (this: { _: Translate }) => void
  oneditprepare: (this: EditorNode<Options>) => void
  oneditsave: (this: EditorNode<Options>) => void
  oneditcancel: (this: EditorNode<Options>) => void
  oneditdelete?: (this: EditorNode<Options>) => void
}

interface OpenNotification {
  close(): void
}

interface NotificationButton {
  text: string
  class?: string
  click: () => void
}

interface SidebarTab {
  id: string
  label: string
  name: string
  content: JQuery
  iconClass: string
  action: string
  enableOnEdit: boolean
  pinned: boolean
}

declare const RED: {
  _: Translate
  events: { on(name: string, listener: () => void): void; off(name: string, listener: () => void): void }
  actions: { add(name: string, action: () => void): void; list(): { id: string }[] }
  /** The nodes whose dialogs are open, the first one first, as they are saved. */
  editor: { getEditStack(): ({ type: string } & Record<string, unknown>)[] }
  sidebar: { addTab(tab: SidebarTab): void; show(id: string): void }
  view: { reveal(id: string): void }
  nodes: {
    registerType<Options, Credentials = never>(type: string, definition: NodeDefinition<Options, Credentials>): void
    getType(type: string): { defaults: Record<string, NodeProperty<unknown, Record<string, unknown>>> }
    id(): string
    node(id: string): EditorNode<Record<string, unknown>> | null
  }
  i18n: { lang(): string }
  utils: { sanitize(text: string): string }
  clipboard: { copyText(text: string, element: JQuery, message: string): void }
  notify(
    message: string | JQuery,
    options: { type?: string; modal?: boolean; fixed?: boolean; buttons?: NotificationButton[] },
  ): OpenNotification
}

interface JQuery {
  typedInput(options: { types: string[]; default?: string; typeField: string }): this
  autoComplete(options: { minLength: number; search: (text: string) => { value: string; label: string }[] }): this
  editableList<Item extends object>(options: {
    addItem: (row: JQuery, index: number, item: Item) => void
    removeItem: (item: Item) => void
    addButton: string
    removable: boolean
    sortable: boolean
    height: 'auto' | number
  }): this
  editableList(action: 'addItem', item: object): this
  editableList(action: 'items'): JQuery
}
