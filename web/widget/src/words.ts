// Every sentence the widget itself says.

import type { Language } from './protocol';

const zh = {
  title: '12345 政务服务便民热线',
  subtitle: '智能助手 · 随时为您服务',
  open: '打开在线咨询',
  unread: (n: number) => `打开在线咨询，${n} 条新消息`,
  launcher: '在线咨询',
  close: '关闭',
  menu: '更多',
  large: '大字',
  largeOn: '大字模式已打开，点按恢复标准字号',
  largeOff: '打开大字模式',
  switchLanguage: 'English',
  log: '对话记录',
  write: '说说您遇到的问题…',
  writeLabel: '输入消息',
  send: '发送',
  photo: '发照片',
  place: '发位置',
  emergency: '紧急情况请直接拨打',
  you: '您',
  bot: '智能助手',
  operator: '工作人员',
  system: '提示',
  typing: '正在输入…',
  person: (name: string) => (name ? `工作人员 ${name} 正在为您服务` : '一位工作人员正在为您服务'),
  queue: (n: number) => (n > 1 ? `正在为您转接人工，前面还有 ${n - 1} 位` : '正在为您转接人工，马上就到您了'),
  offline: '网络断开了。您可以继续写，连上后会自动发出。',
  connecting: '正在连接…',
  waiting: '待发送',
  sent: '已送达',
  failed: '没有发出去',
  retry: '重发',
  drop: '删除',
  reasons: {
    bad_field: '内容不合要求，请改短或换个说法。',
    unknown_attachment: '照片已失效，请重新选择。',
  } as Record<string, string>,
  latest: '新消息',
  today: '今天',
  yesterday: '昨天',
  privacyTitle: '您的信息，我们会保护好',
  privacyText:
    '您写的内容和照片只用来办理您的诉求，交给负责的部门处理。可以匿名；不需要的话，请不要写身份证号。本机不保存聊天内容，用公用电脑时，离开前请点“更多”里的“结束并清除”。',
  privacyOk: '知道了',
  placeTitle: '把您现在的位置发给我们吗？',
  placeText: '位置只用来确定问题发生在哪里，发送这一次，不会持续跟踪。',
  placeOk: '发送位置',
  cancel: '不用了',
  placeBusy: '正在定位…',
  placeDenied: '没有取得位置。您可以直接写地址，比如“人民路 12 号门口”。',
  placeSent: '我的位置',
  forget: '结束并清除',
  forgetTitle: '结束这次对话？',
  forgetText: '这台设备上将不再看得到这段对话。已经受理的工单不受影响，可以用工单号和查询码查询。',
  forgetOk: '结束并清除',
  privacy: '隐私说明',
  removePhoto: '移除照片',
  photoBusy: (n: number) => `照片上传 ${n}%`,
  photoDone: '照片已上传',
  photoFailed: '没有传上去，点按重试',
  photoWrong: '这种文件不能发送，请发照片（JPG、PNG）或 PDF。',
  photoLarge: '文件太大了，请发 10 MB 以内的。',
  photoMany: '一次最多发 9 张照片。',
  photoAlt: '照片',
  openPhoto: '放大查看照片',
  openFile: '打开文件',
  voice: '语音',
  video: '视频',
  file: '文件',
  slow: '您发得有点快，稍等一下会自动发出。',
  tooLong: (n: number) => `还可以写 ${n} 字`,
  readAloud: '读给我听',
  choicesLabel: '可选回答',
};

const en: typeof zh = {
  title: '12345 Government Service Line',
  subtitle: 'Assistant · at your service day and night',
  open: 'Open the chat',
  unread: (n) => `Open the chat, ${n} new messages`,
  launcher: 'Chat with us',
  close: 'Close',
  menu: 'More',
  large: 'Large',
  largeOn: 'Large type is on, press for normal type',
  largeOff: 'Turn on large type',
  switchLanguage: '中文',
  log: 'Conversation',
  write: 'Tell us what the problem is…',
  writeLabel: 'Your message',
  send: 'Send',
  photo: 'Send photos',
  place: 'Send location',
  emergency: 'In an emergency call',
  you: 'You',
  bot: 'Assistant',
  operator: 'Staff',
  system: 'Notice',
  typing: 'typing…',
  person: (name) => (name ? `${name} from our staff is with you` : 'A member of staff is with you'),
  queue: (n) => (n > 1 ? `Connecting you to a person, ${n - 1} ahead of you` : 'Connecting you to a person, you are next'),
  offline: 'No network. Keep writing, it will be sent once you are back.',
  connecting: 'Connecting…',
  waiting: 'Waiting to send',
  sent: 'Delivered',
  failed: 'Not sent',
  retry: 'Send again',
  drop: 'Delete',
  reasons: {
    bad_field: 'This cannot be sent as it is. Please make it shorter or say it differently.',
    unknown_attachment: 'The photo is no longer available. Please choose it again.',
  },
  latest: 'New messages',
  today: 'Today',
  yesterday: 'Yesterday',
  privacyTitle: 'We take care of what you tell us',
  privacyText:
    'Your words and photos are used only to handle your request, by the department in charge. You may stay anonymous; please do not give your ID number unless asked. Nothing of the chat is kept on this device. On a public computer choose “End and clear” under “More” before you leave.',
  privacyOk: 'I understand',
  placeTitle: 'Send us where you are now?',
  placeText: 'It is used only to find the place of the problem. It is sent once; you are not tracked.',
  placeOk: 'Send location',
  cancel: 'No, thanks',
  placeBusy: 'Finding your location…',
  placeDenied: 'We could not get your location. Please write the address instead.',
  placeSent: 'My location',
  forget: 'End and clear',
  forgetTitle: 'End this conversation?',
  forgetText: 'It will no longer be visible on this device. Requests already filed are not affected: use their number and query code.',
  forgetOk: 'End and clear',
  privacy: 'Privacy',
  removePhoto: 'Remove photo',
  photoBusy: (n) => `Uploading photo, ${n}%`,
  photoDone: 'Photo uploaded',
  photoFailed: 'Not uploaded, press to try again',
  photoWrong: 'This kind of file cannot be sent. Please send photos (JPG, PNG) or PDF.',
  photoLarge: 'The file is too large. At most 10 MB, please.',
  photoMany: 'At most 9 photos at a time.',
  photoAlt: 'Photo',
  openPhoto: 'Enlarge the photo',
  openFile: 'Open the file',
  voice: 'Voice message',
  video: 'Video',
  file: 'File',
  slow: 'That was a little fast. It will be sent in a moment.',
  tooLong: (n) => `${n} characters left`,
  readAloud: 'Read aloud',
  choicesLabel: 'Suggested answers',
};

export type Words = typeof zh;
export const words: Record<Language, Words> = { zh, en };

/** "今天", "昨天", otherwise the date. */
export function day(at: Date, language: Language): string {
  const days = Math.round((midnight(new Date()) - midnight(at)) / 86_400_000);
  if (days === 0) return words[language].today;
  if (days === 1) return words[language].yesterday;
  const year = at.getFullYear() === new Date().getFullYear() ? undefined : 'numeric';
  const format = { month: 'long', day: 'numeric', year } as const;
  return at.toLocaleDateString(language === 'zh' ? 'zh-CN' : 'en-GB', format);
}

export function clock(at: Date): string {
  return `${at.getHours()}:${String(at.getMinutes()).padStart(2, '0')}`;
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
