/** The application's own documents: other programs read them, so nothing is added to their shapes. */
export interface VerificationDocument {
  _id: string
  count: number
}

export interface UserDocument {
  _id: string
  code?: string | null
  when?: Date | null
  atproto?: { did?: string; handle?: string; password?: string } | null
}

export interface HandleDocument {
  _id: string
  handle?: string
}
