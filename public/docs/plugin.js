/**
 * What Swagger UI lacks here. It is a classic script, as Swagger UI's page loads them.
 * @param {any} system
 */
function docsPlugin ({ React, getSystem }) {
  const element = React.createElement

  /** The document. It is not there yet when the page starts. */
  function documented () {
    return getSystem().specSelectors.specJson()
  }

  /**
   * A person knows what an operation is for, seldom its tag.
   * @param {any} tags tag -> its operations
   * @param {string} phrase
   */
  function opsFilter (tags, phrase) {
    const words = phrase.toLowerCase().split(/\s+/)
    return tags
      .map((/** @type {any} */ tag, /** @type {string} */ name) => tag.update('operations', (/** @type {any} */ operations) => operations.filter((/** @type {any} */ each) => {
        const text = [name, each.get('path'), each.get('method'), each.getIn(['operation', 'operationId']), each.getIn(['operation', 'summary'])].join(' ').toLowerCase()
        return words.every(word => text.includes(word))
      })))
      .filter((/** @type {any} */ tag) => tag.get('operations').size > 0)
  }

  /** @param {any} props */
  function FilterContainer ({ layoutSelectors, layoutActions }) {
    const phrase = layoutSelectors.currentFilter()
    return element('div', { className: 'filter-container wrapper' }, element('input', {
      className: 'operation-filter-input',
      type: 'search',
      'aria-label': 'Filter operations',
      placeholder: 'Filter operations: refund, events/{id}, search ...',
      value: typeof phrase === 'string' ? phrase : '',
      onChange: (/** @type {any} */ { target }) => layoutActions.updateFilter(target.value)
    }))
  }

  /**
   * The link to an operation. It stands beside the button that opens the operation: within a button a link is nothing for
   * who uses a keyboard or a screen reader.
   * @param {any} props
   */
  function JumpToPath ({ path }) {
    if (path === undefined || path.size !== 3 || path.first() !== 'paths') return null
    const operation = documented().getIn(path)
    const id = operation?.get('operationId')
    return id && element('a', {
      className: 'operation-link', href: addressOf(operation), title: 'Link to this operation', 'aria-label': `Link to ${id}`
    }, '#')
  }

  /**
   * Where an answer leads.
   * @param {any} props
   */
  function OperationLink ({ link }) {
    const id = link.get('operationId')
    const [, , operation] = found(id)
    const taken = link.get('parameters')?.keySeq().join(' and ')
    return element('div', null, 'Next: ', element('a', { href: addressOf(operation) }, id), taken === undefined ? null : ` takes ${taken} from it`)
  }

  /** @param {any} operation */
  function addressOf (operation) {
    return `#/${operation.getIn(['tags', 0])}/${operation.get('operationId')}`
  }

  /**
   * An operation with its path and method.
   * @param {string} id
   */
  function found (id) {
    for (const [path, operations] of documented().get('paths')) {
      for (const [method, operation] of operations) if (operation.get('operationId') === id) return [path, method, operation]
    }
    throw new Error(`The document has no operation ${id}`)
  }

  /** @param {any} Original */
  function withoutLink (Original) {
    return (/** @type {any} */ props) => props.path.includes('/') ? element('span', null, props.text) : element(Original, props)
  }

  /**
   * An example is shown in the empty field, where it is not sent.
   * @param {any} Original
   */
  function withExample (Original) {
    return (/** @type {any} */ props) => {
      const example = props.schema?.getIn?.(['examples', 0])
      return element(Original, example === undefined ? props : { ...props, description: `${props.description}, e.g. ${example}` })
    }
  }

  /**
   * One reader's credentials.
   * @param {any} props
   */
  function Credentials ({ schema, name, getComponent, onAuthChange, authorized }) {
    const Markdown = getComponent('Markdown', true)
    const isGiven = authorized.get(name) !== undefined
    // Pages may not set cookies of this kind; the browser does it by itself.
    const isOwn = schema.get('in') === 'cookie'
    const where = schema.get('type') === 'http' ? 'Authorization: Bearer ...' : `${schema.get('name')} (${schema.get('in')})`
    return element('div', { className: isOwn ? 'credentials nothing-to-enter' : 'credentials' },
      element('h4', null, name),
      element(Markdown, { source: schema.get('description') }),
      element('p', null, 'Sent as ', element('code', null, where)),
      isOwn
        ? null
        : isGiven
          ? element('p', { role: 'status' }, 'Given: it is sent along from now on.')
          : element('label', null, 'Value', element('input', {
            type: 'text',
            autoComplete: 'off',
            spellCheck: false,
            'aria-label': `Value of ${name}`,
            onChange: (/** @type {any} */ { target }) => onAuthChange({ name, schema, value: target.value.trim() })
          })))
  }

  return {
    fn: { opsFilter },
    components: { FilterContainer, JumpToPath, operationLink: OperationLink },
    wrapComponents: { AuthItem: () => Credentials, DeepLink: withoutLink, JsonSchema_string: withExample },
    statePlugins: {
      spec: {
        wrapActions: {
          setResponse: (/** @type {Function} */ original, /** @type {any} */ system) => (/** @type {any[]} */ ...answer) => {
            const shown = original(...answer)
            followLinks(system, ...answer)
            return shown
          }
        }
      }
    },
    afterLoad () {
      addEventListener('hashchange', () => getSystem().layoutActions.parseDeepLinkHash(location.hash))
    }
  }

  /**
   * What an answer names is filled in where operations ask for it: the links of the document say which. A link to
   * `/things/{id}` goes for `/things/{id}/anything` too. What a person has typed stays.
   * @param {any} system
   * @param {any[]} answer
   */
  function followLinks ({ specActions, oas3Selectors }, ...[path, method, response]) {
    const paths = documented().get('paths')
    const links = paths.getIn([path, method, 'responses', String(response.status), 'links'])
    if (links === undefined) return
    const bodies = { request: parsed(oas3Selectors.requestBodyValue(path, method)), response: parsed(response.text) }
    for (const link of links.valueSeq().toJS()) {
      const [target] = found(link.operationId)
      for (const [name, expression] of Object.entries(link.parameters ?? {})) {
        const value = valueOf(expression, bodies)
        if (value !== undefined) fillIn(target, name, String(value))
      }
    }

    /**
     * @param {string} target
     * @param {string} name
     * @param {string} value
     */
    function fillIn (target, name, value) {
      for (const [other, operations] of paths) {
        if (other !== target && !other.startsWith(`${target}/`)) continue
        for (const [method, operation] of operations) {
          const parameter = operation.get('parameters')?.find((/** @type {any} */ each) => each.get('name') === name)
          // A filter would hide what is listed without it.
          if (parameter?.get('required') === true) specActions.changeParam([other, method], name, parameter.get('in'), value, false)
        }
      }
    }
  }

  /**
   * What an expression such as `$response.body#/events/0/id` stands for.
   * @param {unknown} expression
   * @param {Record<string, unknown>} bodies
   */
  function valueOf (expression, bodies) {
    const [, whose = '', pointer = ''] = /^\$(request|response)\.body#\/(.+)$/.exec(String(expression)) ?? []
    return pointer.split('/').reduce((/** @type {any} */ part, key) => part?.[key], bodies[whose])
  }

  /** @param {unknown} text */
  function parsed (text) {
    try {
      return JSON.parse(String(text))
    } catch {
      return undefined
    }
  }
}

// For Swagger UI's start, which is told of it by name.
Object.assign(globalThis, { docsPlugin })

// Swagger UI has dark colours behind a switch in a bar that is not shown.
{
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
  dark.addEventListener('change', follow)
  follow()
}

// What Swagger UI leaves without a name, for who does not see what stands around it.
{
  /** @type {Record<string, (element: Element) => string>} */
  const names = {
    '#servers': () => 'Server',
    '.close-modal': () => 'Close',
    '.examples-select-element': () => 'Example',
    '.body-param__text': () => 'Request body',
    '.parameters select, .parameters textarea, .parameters input': element => element.closest('tr')?.querySelector('.parameter__name')?.firstChild?.textContent ?? 'Value',
    'select.content-type, .content-type select': () => 'Media type'
  }
  const nameAll = () => {
    for (const [selector, nameOf] of Object.entries(names)) {
      for (const found of document.querySelectorAll(selector)) {
        if (!found.hasAttribute('aria-label')) found.setAttribute('aria-label', nameOf(found))
      }
    }
    // Whoever has no mouse scrolls with the keyboard what is focused.
    for (const code of document.querySelectorAll('pre:not([tabindex])')) code.setAttribute('tabindex', '0')
    // Its name is what it shows.
    for (const button of document.querySelectorAll('.modal-btn.auth[aria-label]')) button.removeAttribute('aria-label')
  }
  let isDue = false
  new MutationObserver(() => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      nameAll()
    })
  }).observe(document.documentElement, { childList: true, subtree: true })
}
