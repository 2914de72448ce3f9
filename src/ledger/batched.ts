import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Lets what is asked within the same turn of the event loop be asked together. Nothing is kept: who asks again later, asks
 * anew.
 * @param ask resolves to an answer for each question, in their order
 */
export function batched<Question, Answer> (ask: (questions: Question[]) => Promise<Answer[]>): (question: Question) => Promise<Answer> {
  let next: { questions: Question[], answers: Promise<Answer[]> } | undefined

  async function askTogether (questions: Question[]): Promise<Answer[]> {
    await nextTurn()
    next = undefined
    return await ask(questions)
  }

  return async question => {
    if (next === undefined) {
      const questions: Question[] = []
      next = { questions, answers: askTogether(questions) }
    }
    const place = next.questions.push(question) - 1
    return (await next.answers)[place] as Answer
  }
}
