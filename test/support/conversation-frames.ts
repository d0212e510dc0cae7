/** The harness of the rules' examples, as users have it, under the names that tests call it by. */
export { auditConversation } from '../../src/core/examples/check-examples.ts';
export { conversationCapture as captureOf, frameOf } from '../../src/core/examples/conversation-capture.ts';
