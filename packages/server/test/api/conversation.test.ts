import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { Webhook } from 'standardwebhooks'

describe('a conversation end to end', () => {
  let service: TestService
  let receivers: Record<'iva' | 'md' | 'desk', Receiver>

  beforeAll(async () => {
    service = await TestService.start()
    receivers = { iva: await service.receiver(), md: await service.receiver(), desk: await service.receiver() }
  })
  afterAll(() => service.close())

  test('goes from the IVA to the desk and back, each party hearing what is its to hear, in order and signed', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' }, {}, { desk: { standby: false } })
    const { iva, md, desk } = listeners
    await receivers.iva.hear(iva, 'message.receive', 'conversation_state.bot', 'conversation_state.complete')
    await receivers.md.hear(md, 'message.receive')
    await receivers.desk.hear(
      desk,
      'user_events.create_user',
      'message.receive',
      'thread_control.assigned',
      'conversation_state.incomplete',
    )
    receivers.desk.answer = ({ hook }) => ({
      body: hook === 'user_events.create_user' ? { success: true, ect_user_id: 'case-1' } : { success: true },
    })

    const user = {
      third_party_user_id: '+4912345',
      user_name: 'Asha',
      device_platform: 'WhatsApp',
      details: { email: 'a@example.com' },
    }
    await ok(
      md.post('/platform/message/send/', { user_id: 'u1', message_body: 'My bill is wrong', sender: 'ceu', user }),
    )
    await receivers.iva.waitFor(({ body }) => body.message_body?.text === 'My bill is wrong')
    await ok(iva.post('/platform/message/send/', { user_id: 'u1', message_body: 'I will look', sender: 'iva' }))
    const early = await desk.post('/tract/message/send/', { user_id: 'u1', message_body: 'Hello', sender: 'aeu' })
    expect([early.status, early.body.code]).toEqual([409, 'not_in_control'])
    const pass = { user_id: 'u1', type: 'pass', requester: 'iva', receiver: 'desk' }
    expect(await ok(iva.post('/tract/thread_control/request', pass))).toMatchObject({
      success: true,
      owner: 'desk',
      status: 'done',
    })
    await receivers.desk.waitFor(({ body }) => body.history && body.message_body?.text === 'I will look')
    await ok(desk.post('/tract/event/send', { user_id: 'u1', type: 'aeu_events', subtype: 'allocated' }))
    await ok(desk.post('/tract/message/send/', { user_id: 'u1', message_body: 'Ravi here', sender: 'aeu' }))
    await receivers.md.waitFor(({ body }) => body.message_body?.text === 'Ravi here')
    await ok(desk.post('/tract/event/send', { user_id: 'u1', type: 'conversation_state', subtype: 'complete' }))
    await ok(md.post('/platform/message/send/', { user_id: 'u1', message_body: 'Thanks', sender: 'ceu' }))
    const thanks = await receivers.iva.waitFor(({ body }) => body.message_body?.text === 'Thanks')
    expect(thanks.body).toMatchObject({ conversation_number: '2', in_control: true, message_id: 4, listener: 'md' })

    const heard = (receiver: Receiver) => receiver.received.map(({ hook, body }) => body.message_body?.text ?? hook)
    expect(heard(receivers.iva)).toEqual([
      'conversation_state.bot',
      'My bill is wrong',
      'Ravi here',
      'conversation_state.complete',
      'conversation_state.bot',
      'Thanks',
    ])
    expect(heard(receivers.desk)).toEqual([
      'user_events.create_user',
      'thread_control.assigned',
      'conversation_state.incomplete',
      'My bill is wrong',
      'I will look',
    ])
    expect(heard(receivers.md)).toEqual(['I will look', 'Ravi here'])
    for (const receiver of Object.values(receivers)) {
      receiver.received.forEach(({ hook, headers, text }, index) => {
        new Webhook(receiver.secrets[hook] as string).verify(text, headers as Record<string, string>)
        expect(headers['tract-sequence']).toBe(String(index + 1))
        expect(headers['tract-previous-id']).toBe(receiver.received[index - 1]?.headers['webhook-id'])
      })
    }
  })
})
